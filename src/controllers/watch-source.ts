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
