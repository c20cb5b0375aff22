import type { Store } from '../store/store.ts'
import { objectKey } from './keys.ts'
import type { ObjectCache } from './object-codec.ts'

const located = { group: '', plural: 'namespaces', namespaced: false }

export async function namespacePhaseOf(
  namespace: string,
  store: Store,
  cache: ObjectCache,
): Promise<'active' | 'terminating' | 'absent'> {
  const entry = await store.get(objectKey(located, '', namespace))
  if (entry === undefined) return 'absent'
  return cache.decode(entry).metadata.deletionTimestamp === undefined ? 'active' : 'terminating'
}
