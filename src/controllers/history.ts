import { LRUCache } from 'lru-cache'
import { tagEvents } from '../api/index.ts'
import {
  nextOwner,
  ownerOf,
  type RecordOwner,
  type Retention,
  type TrimDeps,
  trimRecords,
} from '../resources/image/trim-records.ts'
import { kindPrefix } from '../resources/keys.ts'
import type { Controller, KeySource, Verdict } from './reconcile.ts'
import { settled } from './reconcile.ts'

/**
 * Keeps the records of moves within bounds. A tag is looked at after every so many moves; all of them, a few at a time, once a day:
 * age comes without a move.
 */

const sweepKey = 'sweep'
/** How many owners one step of a sweep looks at, and the pause after it, in milliseconds. */
const ownersAtOnce = 50
const pause = 500
const sweepEvery = 24 * 3_600_000
/** A key of a record ends in so many digits. */
const stampDigits = 16
/** Tags whose moves are counted at once. */
const mostCounted = 50_000

/** `random`: in [0, 1). */
export function createHistoryController(
  deps: TrimDeps,
  retention: Retention,
  random: () => number = Math.random,
): Controller {
  const slack = Math.max(8, Math.ceil(retention.keepEvents / 10))
  const moves = new LRUCache<string, number>({ max: mostCounted })
  let at: RecordOwner | undefined
  let began = deps.clock().getTime()

  /**
   * Whether it is the tag's turn: with every so many moves. Where the count begins is left to chance, so that a tag has its turns
   * however often the program starts, and a new tag seldom costs a look.
   */
  const isDue = (owner: string): boolean => {
    const count = moves.get(owner) ?? Math.floor(random() * slack)
    moves.set(owner, (count + 1) % slack)
    return count === 0
  }

  const source: KeySource = async function* (signal) {
    yield sweepKey
    const { store } = deps
    for await (const event of store.watch(kindPrefix(tagEvents), store.revision(), { signal })) {
      if (event.type !== 'put') continue
      // All of a tag's keys are alike up to the stamp: only where it is due does anybody look what it says.
      if (!isDue(event.key.slice(0, -stampDigits))) continue
      const owner = ownerOf(event.key)
      if (owner !== undefined) yield JSON.stringify(owner)
    }
  }

  const sweep = async (): Promise<Verdict> => {
    for (let count = 0; count < ownersAtOnce; count++) {
      at = await nextOwner(at, deps)
      if (at === undefined) {
        const now = deps.clock().getTime()
        const after = Math.max(pause, began + sweepEvery - now)
        began = now + after
        return { kind: 'again', after, why: 'all records were looked at' }
      }
      await trimRecords(at, retention, 0, deps)
    }
    return { kind: 'again', after: pause, why: 'more records are left to be looked at' }
  }

  return {
    name: 'history',
    concurrency: 1,
    sources: [source],
    async reconcile(key) {
      if (key === sweepKey) return sweep()
      await trimRecords(JSON.parse(key) as RecordOwner, retention, slack, deps)
      return settled
    },
  }
}
