import type { Client } from '../client/client.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { listThenWatch } from './list-then-watch.ts'
import type { KeySource, ObjectKey } from './reconcile.ts'

export function keyOf({ metadata }: KubeObject): ObjectKey {
  return metadata.namespace === undefined ? (metadata.name ?? '') : `${metadata.namespace}/${metadata.name}`
}

/** `['demo', 'app']` of `demo/app`, `['', 'demo']` of `demo`. */
export function splitKey(key: ObjectKey): [namespace: string, name: string] {
  const slash = key.indexOf('/')
  return slash === -1 ? ['', key] : [key.slice(0, slash), key.slice(slash + 1)]
}

/** A key for each object of the kind that is there, which what changes may overtake; then one for each change. */
export function keysOf<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  toKeys: (object: T) => Iterable<ObjectKey> = (object) => [keyOf(object)],
): KeySource {
  return async function* (signal) {
    for await (const event of listThenWatch(client, kind, signal)) {
      if (event.type === 'SYNCED') continue
      if (!event.isInitial) yield* toKeys(event.object)
      else for (const key of toKeys(event.object)) yield { key, canWait: true }
    }
  }
}

/**
 * Some objects as if they had just been made, then the changes of all from a place in time before `present` was asked: what is there
 * and of no interest is never read. `present` is asked anew when the source starts again.
 */
export async function* presentAndChanges<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  present: () => AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal,
): AsyncGenerator<ObjectChange<T>> {
  const place = await currentRevision(client, kind)
  for await (const object of present()) yield { type: 'ADDED', object }
  yield* changesSince(client, kind, place, signal)
}

/** A place in time from which `changesSince` goes on. */
export async function currentRevision(client: Client, kind: Kind): Promise<string | undefined> {
  return (await client.list(kind, '', { limit: 1 })).metadata.resourceVersion
}

export interface ObjectChange<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: T
}

/** What changed since then, and goes on to change. */
export async function* changesSince<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  resourceVersion: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<ObjectChange<T>> {
  const from = resourceVersion === undefined ? {} : { resourceVersion }
  for await (const event of client.watch(kind, '', { ...from, signal, canWait: true })) {
    if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended')
    if (event.type !== 'BOOKMARK') yield { type: event.type, object: event.object }
  }
}
