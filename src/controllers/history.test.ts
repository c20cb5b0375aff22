import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tagEventName, tagEvents } from '../api/index.ts'
import { objectKey } from '../resources/keys.ts'
import { createObjectCache, encodeObject } from '../resources/object-codec.ts'
import { openSqliteStore } from '../store/index.ts'
import { createHistoryController } from './history.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)

async function open(keepEvents: number, keepFor = 1000 * hour, random = 0) {
  const store = await openSqliteStore({ file: ':memory:' })
  let now = start
  const deps = { store, cache: createObjectCache(), clock: () => new Date(now) }
  const controller = createHistoryController(deps, { keepEvents, keepFor }, () => random)
  const owner = (tag: string) => JSON.stringify({ namespace: 'p', stream: 'app', tag })
  return {
    store,
    controller,
    pass: (hours: number) => {
      now += hours * hour
    },
    /** A record `hours` after the start. */
    async move(tag: string, hours: number, isEnd = false) {
      const name = tagEventName('app', tag, (start + hours * hour) * 1000)
      const after = isEnd ? {} : { after: { image: 'x', dockerImageReference: '' } }
      const record = { metadata: { name, namespace: 'p' }, stream: 'app', tag, ...after }
      await store.commit([
        { key: objectKey(tagEvents, 'p', name), value: encodeObject(record), expect: 'absent' },
      ])
    },
    reconcile: (tag: string) => controller.reconcile(owner(tag), new AbortController().signal),
    sweep: () => controller.reconcile('sweep', new AbortController().signal),
    async count(tag: string) {
      const { entries } = await store.list(objectKey(tagEvents, 'p', `app:${tag}:`))
      return entries.length
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

describe('the history controller', () => {
  it('keeps so many records of a tag, the newest, with some slack until the sweep', async () => {
    await using lab = await open(10)
    for (let n = 0; n < 18; n++) await lab.move('v1', n)
    await lab.move('v10', 0)
    await lab.reconcile('v1')
    assert.equal(await lab.count('v1'), 18)
    await lab.move('v1', 18)
    await lab.reconcile('v1')
    assert.equal(await lab.count('v1'), 10)
    const { entries } = await lab.store.list(objectKey(tagEvents, 'p', 'app:v1:'), { limit: 1 })
    assert.equal(
      entries[0]?.key,
      objectKey(tagEvents, 'p', tagEventName('app', 'v1', (start + 18 * hour) * 1000)),
    )
    await lab.move('v1', 19)
    const verdict = await lab.sweep()
    assert.deepEqual([await lab.count('v1'), await lab.count('v10')], [10, 1])
    assert.ok(verdict.kind === 'again' && verdict.after === 24 * hour)
  })

  it('forgets what is too old, but not what a tag still is', async () => {
    await using lab = await open(100, 5 * hour)
    for (const hours of [0, 1, 2, 8]) await lab.move('v1', hours)
    await lab.move('gone', 0)
    await lab.move('gone', 1, true)
    await lab.move('still', 0)
    lab.pass(9)
    await lab.sweep()
    // At the beginning of the five hours it was what it became at 2.
    assert.deepEqual([await lab.count('v1'), await lab.count('gone'), await lab.count('still')], [2, 0, 1])
  })

  it('forgets a stream that went long ago, its tags first', async () => {
    await using lab = await open(100, 5 * hour)
    const counts = () => Promise.all(['v1', '1', ''].map(lab.count))
    await lab.move('v1', 0)
    await lab.move('1', 0)
    await lab.move('', 1, true)
    lab.pass(5)
    await lab.sweep()
    assert.deepEqual(await counts(), [1, 1, 1])
    lab.pass(2)
    await lab.sweep()
    assert.deepEqual(await counts(), [0, 0, 1])
    await lab.sweep()
    assert.deepEqual(await counts(), [0, 0, 0])
  })

  it('takes its turns over many tags', async () => {
    await using lab = await open(1)
    for (let n = 0; n < 60; n++) for (const hours of [0, 1]) await lab.move(`t${n}`, hours)
    assert.deepEqual((await lab.sweep()).kind, 'again')
    await lab.sweep()
    for (let n = 0; n < 60; n++) assert.equal(await lab.count(`t${n}`), 1)
  })

  it('hears of moves, of every so many', async () => {
    await using lab = await open(10, 1000 * hour, 0.75)
    const stop = new AbortController()
    const keys: string[] = []
    const [source] = lab.controller.sources
    const heard = (async () => {
      for await (const key of source!(stop.signal)) {
        keys.push(key as string)
        if (keys.length === 3) stop.abort()
      }
    })()
    await new Promise((resolve) => setImmediate(resolve))
    // Eight are the slack: the third and the eleventh.
    for (let n = 0; n < 11; n++) await lab.move('v1', n)
    await heard
    assert.deepEqual(
      keys.map((key) => key === 'sweep' || JSON.parse(key).tag),
      [true, 'v1', 'v1'],
    )
  })
})
