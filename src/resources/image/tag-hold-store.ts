import type { ImageStream } from '../../api/image/index.ts'
import { type TagHold, tagEventPrefix, tagHolds } from '../../api/index.ts'
import { endsHold, type HoldContext } from '../../image/index.ts'
import type { Change } from '../../store/store.ts'
import { objectKey, scopePrefix } from '../keys.ts'
import { encodeObject } from '../object-codec.ts'
import type { WriteRequest } from '../write-strategy.ts'
import type { ImageEndpointDeps } from './deps.ts'

/** Which tags are held back from what (image/tag-holds.ts). */

type HoldDeps = Pick<ImageEndpointDeps, 'store' | 'cache'>

/** Those of one stream; most have none. */
export async function findHolds(
  namespace: string,
  stream: string,
  { store, cache }: HoldDeps,
): Promise<TagHold[]> {
  const prefix = `${scopePrefix(tagHolds, namespace)}${tagEventPrefix(stream)}`
  const { entries } = await store.list(prefix, { remaining: 'any' })
  return entries.map((entry) => cache.decode(entry) as TagHold)
}

const known = new WeakMap<WriteRequest, Promise<TagHold[]>>()

/** As {@link findHolds}, read once for each attempt at a write. */
export function holdsOfWrite(request: WriteRequest, stream: string, deps: HoldDeps): Promise<TagHold[]> {
  const found = known.get(request) ?? findHolds(request.namespace, stream, deps)
  known.set(request, found)
  return found
}

export function holdKey({ metadata }: TagHold): string {
  return objectKey(tagHolds, metadata.namespace ?? '', metadata.name ?? '')
}

/** Written with the stream, whose revision keeps writers of both apart. */
export function writeHold(hold: TagHold): Change {
  return { key: holdKey(hold), value: encodeObject(hold), expect: 'any' }
}

export function endHold(hold: TagHold): Change {
  return { key: holdKey(hold), value: undefined, expect: 'any' }
}

/** Holds that end with the write. */
export async function planHoldEnds(
  next: ImageStream | undefined,
  old: ImageStream,
  context: HoldContext,
  request: WriteRequest,
  deps: HoldDeps,
): Promise<Change[]> {
  const holds = await holdsOfWrite(request, old.metadata.name ?? '', deps)
  return holds.filter((hold) => endsHold(hold, next, old, context)).map(endHold)
}
