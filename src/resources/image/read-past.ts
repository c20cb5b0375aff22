import type { ImageStream } from '../../api/image/index.ts'
import { type TagEventRecord, tagEventName, tagEventPrefix, tagEvents } from '../../api/index.ts'
import { itemsOf, recordMicros, type TagPast } from '../../image/index.ts'
import { scopePrefix } from '../keys.ts'
import type { ImageEndpointDeps } from './deps.ts'

type ReadDeps = Pick<ImageEndpointDeps, 'store' | 'cache'>

export interface RecordRange {
  /** Only records of this time or older, in microseconds since the epoch. */
  until?: number
  limit?: number
}

/** Records under one prefix, newest first; reads nothing else. */
async function readRecords(
  namespace: string,
  stream: string,
  tag: string,
  { until, limit }: RecordRange,
  { store, cache }: ReadDeps,
): Promise<TagEventRecord[]> {
  const scope = scopePrefix(tagEvents, namespace)
  const { entries } = await store.list(`${scope}${tagEventPrefix(stream, tag)}`, {
    remaining: 'any',
    ...(until === undefined ? {} : { after: `${scope}${tagEventName(stream, tag, until + 1)}` }),
    ...(limit === undefined ? {} : { limit }),
  })
  return entries.map((entry) => cache.decode(entry) as TagEventRecord)
}

/** The records of a tag, and those of the stream's own end, which was the tag's too; newest first. */
export async function readTagRecords(
  namespace: string,
  stream: string,
  tag: string,
  range: RecordRange,
  deps: ReadDeps,
): Promise<TagEventRecord[]> {
  const [own, ends] = await Promise.all([
    readRecords(namespace, stream, tag, range, deps),
    readRecords(namespace, stream, '', range, deps),
  ])
  if (ends.length === 0 || own.length === 0) return own
  const all = [...own, ...ends].sort((a, b) => recordMicros(b) - recordMicros(a))
  // A stream that went before it had the tag says nothing about it, nor does its end a second time.
  const first = recordMicros(own.at(-1) as TagEventRecord)
  const told = all.filter(
    (record, index) =>
      record.tag !== '' || (recordMicros(record) > first && all[index + 1]?.after !== undefined),
  )
  return range.limit === undefined ? told : told.slice(0, range.limit)
}

/** All that is known of what a tag was. */
export async function readPast(
  stream: ImageStream | undefined,
  key: { namespace: string; stream: string; tag: string },
  deps: ReadDeps,
): Promise<TagPast> {
  return {
    records: await readTagRecords(key.namespace, key.stream, key.tag, {}, deps),
    items: stream === undefined ? [] : itemsOf(stream, key.tag),
  }
}
