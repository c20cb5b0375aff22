import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../client/client.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'

/** What a mirror tells. `put` may come again for an object that did not change. */
export interface MirrorReader<T> {
  put(object: T): void
  remove(object: T): void
}

export interface Mirror {
  /** Settles once everything that existed has been told. */
  ready: Promise<void>
  /** Settles when the signal has aborted. */
  done: Promise<void>
}

export interface MirrorOptions<T extends KubeObject> {
  client: Client
  kind: Kind<T>
  reader: MirrorReader<T>
  signal: AbortSignal
  /** Told of each failed list or watch; it is tried again all the same. */
  onError?(error: unknown): void
}

/** Milliseconds before a failed list or watch is tried again: doubled each time up to the last. */
const firstPause = 100
const longestPause = 10_000

const keyOf = (object: KubeObject) => `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`

/**
 * Follows all objects of a kind: lists, watches from there, and lists anew when the watch breaks off or its
 * revision has become too old, telling then also what vanished meanwhile. Misses nothing and never ends before the
 * signal.
 */
export function openMirror<T extends KubeObject>(options: MirrorOptions<T>): Mirror {
  const { client, kind, reader, signal, onError } = options
  const known = new Map<string, T>()
  const ready = Promise.withResolvers<void>()

  const put = (object: T) => {
    known.set(keyOf(object), object)
    reader.put(object)
  }
  const remove = (object: T) => {
    known.delete(keyOf(object))
    reader.remove(object)
  }

  const relist = async (): Promise<string | undefined> => {
    const list = await client.list(kind, '')
    const present = new Set(list.items.map(keyOf))
    for (const [key, object] of [...known]) if (!present.has(key)) remove(object)
    for (const object of list.items) put(object)
    ready.resolve()
    return list.metadata.resourceVersion
  }

  const follow = async (resourceVersion: string | undefined): Promise<void> => {
    const from = resourceVersion === undefined ? { signal } : { signal, resourceVersion }
    for await (const event of client.watch(kind, '', from)) {
      if (event.type === 'ERROR') return
      if (event.type === 'DELETED') remove(event.object)
      else if (event.type !== 'BOOKMARK') put(event.object)
    }
  }

  const run = async (): Promise<void> => {
    let pause = firstPause
    while (!signal.aborted) {
      try {
        const revision = await relist()
        pause = firstPause
        await follow(revision)
      } catch (error) {
        if (!signal.aborted) onError?.(error)
      }
      if (signal.aborted) break
      await sleep(pause, undefined, { signal }).catch(() => {})
      pause = Math.min(pause * 2, longestPause)
    }
    ready.resolve()
  }

  return { ready: ready.promise, done: run() }
}
