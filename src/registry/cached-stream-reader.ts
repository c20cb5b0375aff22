import { LRUCache } from 'lru-cache'
import { type Image, type ImageStream, imageStreams, images } from '../api/image/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { kindPrefix, objectKey } from '../resources/keys.ts'
import type { Key, Revision, Store } from '../store/index.ts'
import type { ImageView, StreamReader, StreamView } from './stream-reader.ts'
import { toImageView, toStreamView } from './stream-view.ts'

export interface CachedStreamReaderOptions {
  /** Acts as the registry. */
  client: Client
  /** Where the client's objects live. */
  store: Store
  /** Bytes that may be remembered, by an estimate. */
  streamBytes?: number
  imageBytes?: number
}

/**
 * Bytes that one of them takes in memory, more or less: an item has its digest, its reference and its time as strings of its own, and
 * the layers of its image in what is remembered of the stream's reach (stream-reach.ts).
 */
const bytesOf = { entry: 800, item: 1300, layer: 150 }

function sizeOfStream({ tags }: StreamView): number {
  let items = 0
  for (const history of tags.values()) items += history.length
  return bytesOf.entry + items * bytesOf.item
}

function sizeOfImage({ layers, manifests, inlineManifest }: ImageView): number {
  return bytesOf.entry + (layers.length + manifests.length) * bytesOf.layer + inlineManifest.length
}

interface Cached<V> {
  revision: Revision
  view: V | undefined
  /** The newest revision at which it was found to be so. */
  checked: Revision
}

/**
 * Streams and images from memory, never staler than the store. Two watches tell how far the memory is known to be right;
 * where that is short of the store's newest revision, the object's own revision is asked for, and only when that differs
 * is the object read and decoded.
 */
export function openCachedStreamReader({
  client,
  store,
  streamBytes = 16 << 20,
  imageBytes = 8 << 20,
}: CachedStreamReaderOptions): StreamReader & AsyncDisposable {
  const stopping = new AbortController()
  const streams = follow<ImageStream, StreamView>(
    { client, store, signal: stopping.signal, bytes: streamBytes, sizeOf: sizeOfStream },
    imageStreams,
    toStreamView,
  )
  const imagesByName = follow<Image, ImageView>(
    { client, store, signal: stopping.signal, bytes: imageBytes, sizeOf: sizeOfImage },
    images,
    toImageView,
  )
  const prefix = kindPrefix(imageStreams)
  return {
    stream: (namespace, name) => streams.get(namespace, name),
    image: (digest) => imagesByName.get('', digest),
    peekStream: streams.peek,
    peekImage: (digest) => imagesByName.peek('', digest),
    async names({ after, limit }) {
      const { entries } = await store.list(prefix, {
        limit,
        ...(after === '' ? {} : { after: `${prefix}${after}` }),
      })
      return entries.map(({ key }) => key.slice(prefix.length))
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all([streams.ended, imagesByName.ended])
    },
  }
}

interface FollowOptions<V> {
  client: Client
  store: Store
  signal: AbortSignal
  bytes: number
  sizeOf(view: V): number
}

interface Followed<V> {
  get(namespace: string, name: string): Promise<V | undefined>
  peek(namespace: string, name: string): V | undefined
  ended: Promise<void>
}

function follow<T extends KubeObject, V>(
  { client, store, signal, bytes, sizeOf }: FollowOptions<V>,
  kind: Kind<T>,
  toView: (object: T) => V | undefined,
): Followed<V> {
  const cache = new LRUCache<Key, Cached<V>>({
    maxSize: bytes,
    sizeCalculation: ({ view }) => (view === undefined ? bytesOf.entry : sizeOf(view)),
  })
  /** Every change up to here has been taken from the cache. */
  let seen: Revision = 0
  /** Changes taken from the cache: tells a read that it was overtaken. */
  let changes = 0

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      cache.clear()
      changes++
      const start = store.revision()
      seen = start
      try {
        const onProgress = (revision: Revision): void => {
          seen = Math.max(seen, revision)
        }
        for await (const event of store.watch(kindPrefix(kind), start, { signal, onProgress })) {
          cache.delete(event.key)
          changes++
          // Others of the same commit may follow: only what came before it is certain.
          seen = Math.max(seen, event.revision - 1)
        }
      } catch {
        if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1000).unref())
      }
    }
  }

  async function read(namespace: string, name: string): Promise<Cached<V> | undefined> {
    const checked = store.revision()
    try {
      const object = await client.get(kind, namespace, name)
      return { revision: Number(object.metadata.resourceVersion), view: toView(object), checked }
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined
      throw error
    }
  }

  async function get(namespace: string, name: string): Promise<V | undefined> {
    const key = objectKey(kind, namespace, name)
    const cached = cache.get(key)
    if (cached !== undefined) {
      const newest = store.revision()
      if (Math.max(seen, cached.checked) >= newest) return cached.view
      const entry = await store.get(key)
      if (entry?.revision === cached.revision) {
        cached.checked = newest
        return cached.view
      }
    }
    const before = changes
    const fresh = await read(namespace, name)
    if (fresh === undefined) cache.delete(key)
    else if (before === changes) cache.set(key, fresh)
    return fresh?.view
  }

  function peek(namespace: string, name: string): V | undefined {
    const cached = cache.get(objectKey(kind, namespace, name))
    if (cached === undefined) return undefined
    return Math.max(seen, cached.checked) >= store.revision() ? cached.view : undefined
  }

  return { get, peek, ended: watch() }
}
