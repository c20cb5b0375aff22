import { LRUCache } from 'lru-cache'
import { tagEventMicros, tagEvents } from '../../api/index.ts'
import type { Change, Key, Store } from '../../store/store.ts'
import { kindPrefix } from '../keys.ts'

/**
 * Stamps of the records of moves: microseconds that grow within a tag, whatever the clock does and however often the program
 * starts. Within one run they grow of themselves (`stamp`). How far those of earlier runs may reach is one key of the store, so that
 * only a clock behind them makes a tag's newest record worth a look.
 */
export interface StampDeps {
  store: Pick<Store, 'get' | 'list'>
  stamp(now: Date, earliest?: number): number
}

/** A stamp that none of the records exceeds by more than a minute. */
const noted: Key = 'stamps/tagevents'
const minute = 60_000_000
/** What a commit that was held up on its way may have put the noted stamp back by, and more. */
const doubt = 10 * minute

/** By what gives out the stamps: up to where earlier runs gave some. */
const bounds = new WeakMap<StampDeps['stamp'], Promise<number>>()

function boundOf({ store, stamp }: StampDeps): Promise<number> {
  const bound = bounds.get(stamp) ?? readBound(store)
  bounds.set(stamp, bound)
  return bound
}

async function readBound(store: StampDeps['store']): Promise<number> {
  const found = await readNoted(store)
  if (found !== undefined) return found + doubt
  const { entries } = await store.list(kindPrefix(tagEvents), { limit: 1, remaining: 'any' })
  return entries.length === 0 ? 0 : Number.POSITIVE_INFINITY
}

async function readNoted(store: StampDeps['store']): Promise<number | undefined> {
  const entry = await store.get(noted)
  return entry && Number(Buffer.from(entry.value).toString())
}

/** Tags whose newest record has been looked at, by what gives out the stamps. */
const looked = new LRUCache<Key, StampDeps['stamp']>({ max: 50_000 })

/** Now, or just after the newest of the records whose keys begin so where the clock is behind it. */
export async function stampRecord(prefix: Key, now: Date, deps: StampDeps): Promise<number> {
  const { store, stamp } = deps
  const bound = await boundOf(deps)
  const micros = stamp(now)
  if (micros > bound || looked.get(prefix) === stamp) return micros
  const { entries } = await store.list(prefix, { limit: 1, remaining: 'any' })
  looked.set(prefix, stamp)
  return stamp(now, (tagEventMicros(entries[0]?.key ?? '') ?? 0) + 1)
}

/** The noted stamp as it was last read, by what gives out the stamps: it is worth a look only once a minute has gone by. */
const seen = new WeakMap<StampDeps['stamp'], number>()

/** What the commit of records has to change beside them, `micros` being the newest of their stamps. */
export async function noteStamp(micros: number, deps: StampDeps): Promise<Change[]> {
  if (micros <= (seen.get(deps.stamp) ?? 0) + minute) return []
  await boundOf(deps)
  const known = await readNoted(deps.store)
  if (known !== undefined) seen.set(deps.stamp, known)
  if (known !== undefined && micros <= known + minute) return []
  return [{ key: noted, value: Buffer.from(String(micros)), expect: 'any' }]
}
