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
  if (found !== undefined) return found.isFinal ? found.micros : found.micros + doubt
  const { entries } = await store.list(kindPrefix(tagEvents), { limit: 1, remaining: 'any' })
  return entries.length === 0 ? 0 : Number.POSITIVE_INFINITY
}

interface Noted {
  micros: number
  /** Written when a run ended in order: no record exceeds it at all. */
  isFinal: boolean
}

/** Behind the stamp of a run that ended in order. */
const finalMark = 'final'

async function readNoted(store: StampDeps['store']): Promise<Noted | undefined> {
  const entry = await store.get(noted)
  if (entry === undefined) return undefined
  const [micros, mark] = Buffer.from(entry.value).toString().split(' ')
  return { micros: Number(micros), isFinal: mark === finalMark }
}

const toNote = (text: string): Change => ({ key: noted, value: Buffer.from(text), expect: 'any' })

/** Tags whose newest record has been looked at, by what gives out the stamps. */
const looked = new LRUCache<Key, StampDeps['stamp']>({ max: 10_000 })

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
  // Whichever commit is the first after a final stamp, it takes that away.
  if (known !== undefined && !known.isFinal) {
    seen.set(deps.stamp, known.micros)
    if (micros <= known.micros + minute) return []
  }
  return [toNote(String(micros))]
}

/** For the end of a run, when nobody writes any more: the next one need not doubt how far the stamps reach. */
export async function settleStamps(
  now: Date,
  { store, stamp }: StampDeps & { store: Pick<Store, 'commit'> },
): Promise<void> {
  const bound = await bounds.get(stamp)
  if (bound === undefined || bound === Number.POSITIVE_INFINITY) return
  await store.commit([toNote(`${Math.max(bound, stamp(now))} ${finalMark}`)])
}
