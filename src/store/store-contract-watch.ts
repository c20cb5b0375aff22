import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Key, Store, StoreEvent } from './store.ts'
import type { OpenEmptyStore } from './store-contract.ts'
import { line, put, remove, take } from './store-contract-parts.ts'

export function watchContract(open: OpenEmptyStore): void {
  it('replays what came after the revision and goes on with what comes', async () => {
    await using store = await open()
    const first = await store.commit([put('a', '1')])
    const second = await store.commit([put('b', '1')])
    const watching = take(store, '', first, 3)
    const third = await store.commit([put('a', '2')])
    await new Promise(setImmediate)
    const fourth = await store.commit([remove('b')])
    assert.deepEqual((await watching).map(line), [`+b=1@${second}`, `+a=2(1)@${third}`, `-b(1)@${fourth}`])
  })

  it('an event is exactly what the interface says', async () => {
    await using store = await open()
    const value = (text: string) => new TextEncoder().encode(text)
    const made = await store.commit([put('a', '1')])
    const changed = await store.commit([put('a', '2')])
    const gone = await store.commit([remove('a')])
    const again = await store.commit([put('a', '3')])
    const expected: StoreEvent[] = [
      { type: 'put', key: 'a', value: value('1'), revision: made },
      { type: 'put', key: 'a', value: value('2'), previous: value('1'), revision: changed },
      { type: 'delete', key: 'a', value: value('2'), previous: value('2'), revision: gone },
      { type: 'put', key: 'a', value: value('3'), revision: again },
    ]
    assert.deepEqual(await take(store, 'a', 0, 4), expected)
  })

  it('events of one commit come in the order of its changes, with its revision', async () => {
    await using store = await open()
    const first = await store.commit([put('z', '1'), put('a', '1'), put('m', '1')])
    const second = await store.commit([remove('m'), put('z', '2'), remove('a')])
    assert.deepEqual((await take(store, '', 0, 6)).map(line), [
      `+z=1@${first}`,
      `+a=1@${first}`,
      `+m=1@${first}`,
      `-m(1)@${second}`,
      `+z=2(1)@${second}`,
      `-a(1)@${second}`,
    ])
  })

  it('gives only keys under the prefix', async () => {
    await using store = await open()
    const watching = Promise.all([
      take(store, 'a/', 0, 2),
      take(store, 'a/x', 0, 1),
      take(store, 'a/x/y/z', 0, 1),
    ])
    for (const key of ['a', 'a0', 'b/', 'a/w', 'a/xy', 'a/x/y/z']) await store.commit([put(key, '1')])
    const keys = (await watching).map((events) => events.map(({ key }) => key))
    assert.deepEqual(keys, [['a/w', 'a/xy'], ['a/xy'], ['a/x/y/z']])
  })

  it('resumes from every revision', async () => {
    await using store = await open()
    const revisions: number[] = [0]
    for (let n = 0; n < 30; n++) {
      const key = `k/${n % 4}`
      revisions.push(await store.commit([n % 5 === 4 ? remove(key) : put(key, `${n}`), put('other', `${n}`)]))
    }
    const all = await history(store, 'k/')
    for (const after of revisions) {
      const expected = all.filter(({ revision }) => revision > after)
      assert.deepEqual(await take(store, 'k/', after, expected.length), expected)
    }
  })

  it('loses and repeats nothing, whoever writes and whenever it starts', async () => {
    await using store = await open()
    const commits = 240
    const watches: { after: number; events: Promise<StoreEvent[]> }[] = []
    const write = async (writer: number) => {
      for (let n = 0; n < commits / 6; n++) {
        await store.commit([put(`w/${writer}`, `${n}`), put('w/shared', `${writer} ${n}`)])
        if (n % 10 !== 0) continue
        const after = store.revision()
        watches.push({ after: 0, events: take(store, 'w/', 0, commits * 2) })
        watches.push({ after, events: follow(store, 'w/', after, commits) })
      }
    }
    await Promise.all(Array.from({ length: 6 }, (_, writer) => write(writer)))
    await store.commit([put('w/end', 'x')])
    const all = await history(store, 'w/')
    assert.equal(all.length, commits * 2 + 1)
    for (const { after, events } of watches) {
      const seen = await events
      const expected = all.filter(({ revision }) => revision > after)
      assert.ok(seen.length === commits * 2 || seen.length === Math.min(commits, expected.length))
      assert.deepEqual(seen.map(line), expected.slice(0, seen.length).map(line))
    }
  })

  it('ends when the signal aborts, waiting or not, before or after the start', async () => {
    await using store = await open()
    await store.commit([put('a', '1'), put('a2', '2')])
    const abort = new AbortController()
    const waiting = (async () => {
      for await (const _ of store.watch('none/', 0, { signal: abort.signal }))
        assert.fail('there is no event')
    })()
    const seen: string[] = []
    for await (const event of store.watch('a', 0, { signal: abort.signal })) {
      seen.push(event.key)
      abort.abort()
    }
    await waiting
    assert.deepEqual(seen, ['a'])
    for await (const _ of store.watch('', 0, { signal: abort.signal })) assert.fail('it was aborted before')
  })

  it('tells those who can wait after those who can not, and all of it', async () => {
    await using store = await open()
    const end = new AbortController()
    const order: string[] = []
    const follow = async (name: string, canWait: boolean) => {
      for await (const event of store.watch('a', 0, { signal: end.signal, canWait })) {
        order.push(`${name}${event.key}`)
        if (order.length === 12) end.abort()
      }
    }
    const watching = Promise.all([follow('later ', true), follow('', false)])
    await new Promise(setImmediate)
    for (const n of [1, 3, 5]) {
      await store.commit([put(`a${n}`, '1'), put(`a${n + 1}`, '1')])
      while (order.length < (n + 1) * 2) await new Promise(setImmediate)
    }
    await watching
    const pair = (n: number) => [`a${n}`, `a${n + 1}`, `later a${n}`, `later a${n + 1}`]
    assert.deepEqual(order, [...pair(1), ...pair(3), ...pair(5)])
  })

  it('a watch that is left or aborted leaves the others alone', async () => {
    await using store = await open()
    const left = take(store, 'a', 0, 1)
    const going = take(store, 'a', 0, 3)
    for (const value of ['1', '2', '3']) await store.commit([put('a', value)])
    assert.equal((await left).length, 1)
    assert.equal((await going).length, 3)
  })

  it('a revision that is still to come is waited for', async () => {
    await using store = await open()
    const first = await store.commit([put('a', '1')])
    const watching = take(store, '', first + 1, 1)
    await store.commit([put('a', '2')])
    const third = await store.commit([put('a', '3')])
    assert.deepEqual((await watching).map(line), [`+a=3(2)@${third}`])
  })

  it('onProgress names revisions up to which everything was yielded, also for what happens elsewhere', async () => {
    await using store = await open()
    const abort = new AbortController()
    const log: string[] = []
    let elsewhere = Number.POSITIVE_INFINITY
    const onProgress = (revision: number) => {
      log.push(`progress ${revision}`)
      if (revision >= elsewhere) abort.abort()
    }
    const first = await store.commit([put('a/1', '1')])
    for await (const event of store.watch('a/', 0, { signal: abort.signal, onProgress })) {
      log.push(`event ${event.revision}`)
      if (event.revision === first) await store.commit([put('a/2', '1')])
      else elsewhere = await store.commit([put('b', '1')])
    }
    let yielded = 0
    let reported = -1
    for (const entry of log) {
      const [what, revision] = entry.split(' ')
      if (what === 'progress') reported = Number(revision)
      else {
        assert.ok(Number(revision) > reported, `${log}`)
        yielded++
      }
    }
    assert.equal(yielded, 2)
    assert.equal(reported, elsewhere)
  })

  it('serves a thousand watchers of different prefixes, each its own events only', async () => {
    await using store = await open()
    const watching = Array.from({ length: 1000 }, (_, n) => take(store, `n/${n}/`, 0, 2))
    for (const round of ['a', 'b']) {
      await Promise.all(
        Array.from({ length: 1000 }, (_, n) => store.commit([put(`n/${n}/${round}`, `${n}`)])),
      )
    }
    for (const [n, events] of (await Promise.all(watching)).entries()) {
      assert.deepEqual(
        events.map(({ key }) => key),
        [`n/${n}/a`, `n/${n}/b`],
      )
    }
  })
}

/** Every event of the prefix so far. */
async function history(store: Store, prefix: Key): Promise<StoreEvent[]> {
  const last = await store.commit([put(`${prefix}\u{10ffff}`, 'end')])
  const events: StoreEvent[] = []
  const abort = new AbortController()
  for await (const event of store.watch(prefix, 0, { signal: abort.signal })) {
    if (event.revision === last) break
    events.push(event)
  }
  return events
}

/** Reads at its own pace until it has so many events or sees the end. */
async function follow(store: Store, prefix: Key, after: number, count: number): Promise<StoreEvent[]> {
  const events: StoreEvent[] = []
  for await (const event of store.watch(prefix, after, { signal: new AbortController().signal })) {
    events.push(event)
    if (events.length === count || event.key === `${prefix}end`) break
    if (events.length % 7 === 0) await new Promise(setImmediate)
  }
  return events
}
