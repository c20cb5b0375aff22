import { setTimeout as sleep } from 'node:timers/promises'
import { type Image, type ImageStream, imageStreams, images } from '../../api/index.ts'
import { type ImagePrune, imageFacts } from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Kind } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Client } from '../client.ts'

/** Entries of one page. */
const page = 500
/** Milliseconds before a watch that broke begins again. */
const pause = 200

/**
 * Tells the plan of streams and images that change while images are removed (pruning.md P-64): all streams are listed once more,
 * then both kinds are watched. Resolves when the list is in; disposing ends it. Where the server lets nobody watch, the list
 * is all.
 */
export async function followChanges(
  client: Client,
  prune: ImagePrune,
  imagesRevision: string,
): Promise<AsyncDisposable> {
  const stopping = new AbortController()
  const { signal } = stopping
  const onStream = ({ status }: ImageStream) => {
    for (const { items } of status?.tags ?? [])
      for (const { image } of items ?? []) if (image) prune.use(image)
  }
  const onImage = (image: Image) => {
    const facts = imageFacts(image)
    if (typeof facts !== 'string') prune.learn(facts)
  }
  const streamsRevision = await listAll(client, imageStreams, onStream)
  const following = [
    follow(client, imageStreams, streamsRevision, onStream, signal),
    follow(client, images, imagesRevision, onImage, signal),
  ]
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all(following)
    },
  }
}

/** Resolves to the revision of the list. */
export async function listAll<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  take: (object: T) => void,
  limit = page,
): Promise<string> {
  let next: string | undefined
  for (;;) {
    const { items, metadata } = await client.list(kind, '', {
      limit,
      ...(next === undefined ? {} : { continue: next }),
    })
    for (const item of items ?? []) take(item)
    next = metadata?.continue || undefined
    if (next === undefined) return metadata?.resourceVersion ?? ''
    // Promises alone give nobody else a turn.
    await new Promise(setImmediate)
  }
}

async function follow<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  from: string,
  take: (object: T) => void,
  signal: AbortSignal,
): Promise<void> {
  let revision: string | undefined = from
  while (!signal.aborted) {
    try {
      revision ??= await listAll(client, kind, take)
      for await (const event of client.watch(kind, '', { resourceVersion: revision, signal })) {
        if (event.type === 'ERROR') break
        if (event.type === 'ADDED' || event.type === 'MODIFIED') take(event.object)
      }
    } catch (error) {
      if (isApiError(error, 'Forbidden') || isApiError(error, 'NotFound')) return
    }
    revision = undefined
    await sleep(pause, undefined, { signal, ref: false }).catch(() => {})
  }
}
