import type { Client } from '../client/client.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { KeySource, ObjectKey } from './reconcile.ts'

export function keyOf({ metadata }: KubeObject): ObjectKey {
  return metadata.namespace === undefined ? (metadata.name ?? '') : `${metadata.namespace}/${metadata.name}`
}

/** `['demo', 'app']` of `demo/app`, `['', 'demo']` of `demo`. */
export function splitKey(key: ObjectKey): [namespace: string, name: string] {
  const slash = key.indexOf('/')
  return slash === -1 ? ['', key] : [key.slice(0, slash), key.slice(slash + 1)]
}

/** A key for each object of the kind that is there, then one for each change. */
export function keysOf<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  toKeys: (object: T) => Iterable<ObjectKey> = (object) => [keyOf(object)],
): KeySource {
  return async function* (signal) {
    for await (const event of client.watch(kind, '', { signal })) {
      if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended')
      if (event.type !== 'BOOKMARK') yield* toKeys(event.object)
    }
  }
}
