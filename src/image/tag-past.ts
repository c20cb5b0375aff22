import type { TagEvent } from '../api/image/index.ts'
import { type TagEventRecord, type TagState, tagEventMicros } from '../api/weir/index.ts'

/**
 * What a tag was before. The records of its moves tell it; where they begin too late, as for streams that are older than
 * the records, the stream's own history helps out.
 */

/** Records and items are of one tag, newest first. */
export interface TagPast {
  records: readonly TagEventRecord[]
  /** `status.tags[].items`. */
  items: readonly TagEvent[]
}

export type PastState =
  | { kind: 'state'; state: TagState; since: number; generation: number; record?: string }
  /** The tag did not exist, or stood for nothing. */
  | { kind: 'absent' }
  /** Nothing is known of that time; `begins` is when what is known begins. */
  | { kind: 'unknown'; begins: number | undefined }

/** Microseconds since the epoch. */
export function recordMicros(record: TagEventRecord): number {
  return tagEventMicros(record.metadata.name ?? '') ?? Date.parse(record.time) * 1000
}

function itemMicros(item: TagEvent): number {
  return item.created ? Date.parse(item.created) * 1000 : 0
}

function itemState(item: TagEvent): PastState {
  const { image, dockerImageReference, generation } = item
  return { kind: 'state', state: { image, dockerImageReference }, since: itemMicros(item), generation }
}

function recordState(record: TagEventRecord): PastState {
  const { after, generation = 0, metadata } = record
  if (after === undefined) return { kind: 'absent' }
  const { name } = metadata
  const since = recordMicros(record)
  return { kind: 'state', state: after, since, generation, ...(name === undefined ? {} : { record: name }) }
}

/**
 * Items from before the records began; none where the records tell it all. Each record put one item before the others; times
 * don't tell, for a tag that tracks another has its times.
 */
export function olderItems<T>(
  records: readonly Pick<TagEventRecord, 'before' | 'after'>[],
  items: readonly T[],
): readonly T[] {
  const oldest = records.at(-1)
  if (oldest === undefined) return items
  const isWhole = oldest.before === undefined || records.some(({ after }) => after === undefined)
  return isWhole ? [] : items.slice(records.length)
}

/** What the tag was at a time, in microseconds since the epoch. */
export function stateAt({ records, items }: TagPast, micros: number): PastState {
  const record = records.find((each) => recordMicros(each) <= micros)
  if (record !== undefined) return recordState(record)
  const item = olderItems(records, items).find((each) => each.created && itemMicros(each) <= micros)
  if (item !== undefined) return itemState(item)
  const oldest = records.at(-1)
  if (oldest !== undefined && oldest.before === undefined) return { kind: 'absent' }
  if (oldest !== undefined) return { kind: 'unknown', begins: recordMicros(oldest) }
  return items.length === 0
    ? { kind: 'absent' }
    : { kind: 'unknown', begins: itemMicros(items.at(-1) as TagEvent) }
}

/** Every state that is known, newest first; states that follow each other may be the same. */
export function pastStates({ records, items }: TagPast): TagState[] {
  const oldest = records.at(-1)
  const older = olderItems(records, items)
  return [
    ...records.flatMap(({ after }) => after ?? []),
    ...(oldest?.before === undefined ? [] : [oldest.before]),
    ...older.map(({ image, dockerImageReference }) => ({ image, dockerImageReference })),
  ]
}

/** Images that a rollback left and nothing has come back to since. */
export function rejectedImages(records: readonly TagEventRecord[]): Set<string> {
  const rejected = new Set<string>()
  const seen = new Set<string>()
  for (const { cause, before, after } of records) {
    if (after !== undefined) seen.add(after.image)
    if (cause === 'rollback' && before !== undefined && !seen.has(before.image)) rejected.add(before.image)
  }
  return rejected
}
