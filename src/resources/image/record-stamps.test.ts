import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tagEventName, tagEvents } from '../../api/index.ts'
import { openSqliteStore, type Store } from '../../store/index.ts'
import { objectKey } from '../keys.ts'
import { noteStamp, type StampDeps, settleStamps, stampRecord } from './record-stamps.ts'

const noon = Date.UTC(2026, 0, 1, 12)
const hour = 3_600_000
const prefix = objectKey(tagEvents, 'p', 'app:v1:')

/** One run of the program on the store. */
function run(store: Store): StampDeps & { lists: string[] } {
  let last = 0
  const lists: string[] = []
  return {
    store: {
      get: (key) => store.get(key),
      list(key, page) {
        lists.push(key)
        return store.list(key, page)
      },
    },
    lists,
    stamp(now, earliest = 0) {
      last = Math.max(last + 1, now.getTime() * 1000, earliest)
      return last
    },
  }
}

async function record(at: number, deps: StampDeps, store: Store): Promise<number> {
  const micros = await stampRecord(prefix, new Date(at), deps)
  const key = objectKey(tagEvents, 'p', tagEventName('app', 'v1', micros))
  await store.commit([{ key, value: new Uint8Array(), expect: 'absent' }, ...(await noteStamp(micros, deps))])
  return micros
}

describe('stamps of records', () => {
  it('grow over runs although the clock goes back', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    const first = await record(noon, run(store), store)
    const second = run(store)
    const third = await record(noon - 24 * hour, second, store)
    const fourth = await record(noon - 23 * hour, second, store)
    assert.deepEqual([third - first, fourth - first], [1, 2])
  })

  it('grow where records came without a word of how far they reach', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    const key = objectKey(tagEvents, 'p', tagEventName('app', 'v1', noon * 1000))
    await store.commit([{ key, value: new Uint8Array(), expect: 'absent' }])
    assert.equal(await record(noon - hour, run(store), store), noon * 1000 + 1)
  })

  it('need no look at a tag while the clock is ahead of all of them', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    const first = run(store)
    for (let n = 0; n < 120; n++) await record(noon + n * 1000, first, store)
    const second = run(store)
    await record(noon + hour, second, store)
    await record(noon, second, store)
    assert.deepEqual(
      [...first.lists, ...second.lists].filter((key) => key === prefix),
      [],
    )
  })

  it('need no look after a run that ended in order, and again after one that did not', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    const first = run(store)
    const before = await record(noon, first, store)
    await settleStamps(new Date(noon), { ...first, store })
    const second = run(store)
    assert.ok((await record(noon + 1000, second, store)) > before)
    assert.deepEqual(second.lists, [])
    // That one is killed.
    const third = run(store)
    const late = await record(noon + 500, third, store)
    assert.ok(late > (noon + 1000) * 1000)
    assert.deepEqual(third.lists, [prefix])
  })

  it('are not settled to less than earlier runs gave out', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    const first = run(store)
    const newest = await record(noon, first, store)
    await settleStamps(new Date(noon), { ...first, store })
    const second = run(store)
    await settleStamps(new Date(noon - hour), { ...second, store })
    await record(noon - hour, second, store)
    await settleStamps(new Date(noon - hour), { ...second, store })
    const third = run(store)
    assert.ok((await record(noon - hour, third, store)) > newest)
  })

  it('are looked at while the clock may be behind some', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    await record(noon, run(store), store)
    const second = run(store)
    await record(noon + 30_000, second, store)
    await record(noon + 30_000, second, store)
    assert.deepEqual(second.lists, [prefix])
  })
})
