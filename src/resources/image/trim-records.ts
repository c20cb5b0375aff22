import {
  type TagEventRecord,
  tagEventMicros,
  tagEventName,
  tagEventPrefix,
  tagEvents,
} from '../../api/index.ts'
import type { Entry, Key, Store } from '../../store/store.ts'
import { kindPrefix, scopePrefix } from '../keys.ts'
import type { ObjectCache } from '../object-codec.ts'

/** Records that are no longer kept: beyond a number for each tag, and beyond an age (docs/configuration.md, `history`). */

export interface Retention {
  /** Records of one tag. */
  keepEvents: number
  /** Milliseconds. */
  keepFor: number
}

export interface TrimDeps {
  store: Store
  cache: ObjectCache
  clock: () => Date
}

/** Whose records: `tag` is '' for the ends of the stream itself. */
export interface RecordOwner {
  namespace: string
  stream: string
  tag: string
}

/** Most records that one commit removes. */
const removedAtOnce = 1000

/** undefined for a key that is no record's. */
export function ownerOf(key: Key): RecordOwner | undefined {
  const prefix = kindPrefix(tagEvents)
  const found = /^([^/]+)\/([^:/]+):([^:]*):\d{16}$/.exec(
    key.startsWith(prefix) ? key.slice(prefix.length) : '',
  )
  if (found === null) return undefined
  const [, namespace = '', stream = '', tag = ''] = found
  return { namespace, stream, tag }
}

function prefixOf({ namespace, stream, tag }: RecordOwner): Key {
  return `${scopePrefix(tagEvents, namespace)}${tagEventPrefix(stream, tag)}`
}

/** The first record of the next owner after this one; undefined at the end. Reads one key. */
export async function nextOwner(
  after: RecordOwner | undefined,
  { store }: Pick<TrimDeps, 'store'>,
): Promise<RecordOwner | undefined> {
  // What follows the prefix are digits, before which `:` never comes.
  const page = after === undefined ? {} : { after: `${prefixOf(after)}:` }
  const { entries } = await store.list(kindPrefix(tagEvents), { ...page, limit: 1, remaining: 'any' })
  return entries[0] === undefined ? undefined : ownerOf(entries[0].key)
}

/**
 * Removes what is too much or too old. `slack` are records beyond the number that may stay: so that not every move of a tag
 * costs a look at all its records. Answers how many went.
 */
export async function trimRecords(
  owner: RecordOwner,
  { keepEvents, keepFor }: Retention,
  slack: number,
  deps: TrimDeps,
): Promise<number> {
  const { store, clock } = deps
  const prefix = prefixOf(owner)
  const { entries, remaining } = await store.list(prefix, { limit: 1 })
  const [newest] = entries
  if (newest === undefined) return 0
  const surplus =
    1 + remaining > keepEvents + slack ? await beyond(prefix, keepEvents, store) : new Set<Key>()
  const cutoff = (clock().getTime() - keepFor) * 1000
  const gone = [...new Set([...surplus, ...(await expired(owner, prefix, newest, cutoff, deps))])]
  for (let at = 0; at < gone.length; at += removedAtOnce) {
    const part = gone.slice(at, at + removedAtOnce)
    await store.commit(part.map((key) => ({ key, value: undefined, expect: 'any' })))
  }
  return gone.length
}

async function beyond(prefix: Key, keep: number, store: Store): Promise<Set<Key>> {
  const kept = await store.list(prefix, { limit: keep, remaining: 'any' })
  const last = kept.entries.at(-1)
  if (last === undefined) return new Set()
  const { entries } = await store.list(prefix, { after: last.key, remaining: 'any' })
  return new Set(entries.map(({ key }) => key))
}

/** The newest of the old ones says what the tag was when the time that is kept began: it stays, unless the tag is gone. */
async function expired(
  owner: RecordOwner,
  prefix: Key,
  newest: Entry,
  cutoff: number,
  deps: TrimDeps,
): Promise<Key[]> {
  if (cutoff <= 0) return []
  const { stream, tag, namespace } = owner
  const after = `${scopePrefix(tagEvents, namespace)}${tagEventName(stream, tag, cutoff)}`
  const { entries } = await deps.store.list(prefix, { after, remaining: 'any' })
  const [first, ...older] = entries
  if (first === undefined) return []
  const isOver = first.key === newest.key && (await isGone(owner, newest, cutoff, deps))
  return (isOver ? entries : older).map(({ key }) => key)
}

/** Whether the newest record, an old one, is the end: of the tag, or followed by that of the stream. */
async function isGone(owner: RecordOwner, newest: Entry, cutoff: number, deps: TrimDeps): Promise<boolean> {
  if (owner.tag === '') return !(await hasTagRecords(owner, deps))
  if ((deps.cache.decode(newest) as TagEventRecord).after === undefined) return true
  const { entries } = await deps.store.list(prefixOf({ ...owner, tag: '' }), { limit: 1, remaining: 'any' })
  const ended = tagEventMicros(entries[0]?.key ?? '')
  return ended !== undefined && ended <= cutoff && ended > (tagEventMicros(newest.key) ?? 0)
}

/** The end of a stream is the end of its tags too: it stays as long as they have records. */
async function hasTagRecords({ namespace, stream }: RecordOwner, { store }: TrimDeps): Promise<boolean> {
  const prefix = `${scopePrefix(tagEvents, namespace)}${tagEventPrefix(stream)}`
  // Tags that begin with a digit come before the stream's own end, all others after it.
  for (const page of [{}, { after: `${prefix}::` }]) {
    const { entries } = await store.list(prefix, { ...page, limit: 1, remaining: 'any' })
    const first = entries[0] === undefined ? undefined : ownerOf(entries[0].key)
    if (first !== undefined && first.tag !== '') return true
  }
  return false
}
