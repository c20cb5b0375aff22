import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CompactedError, FutureRevisionError, type Store } from './store.ts'
import type { OpenEmptyStore } from './store-contract.ts'
import { contents, line, put, remove, take } from './store-contract-parts.ts'

export function compactContract(open: OpenEmptyStore): void {
  it('forgets history up to the revision; what is current stays', async () => {
    await using store = await open()
    const [first, second, third] = await threeCommits(store)
    await store.compact(second)
    assert.equal(store.compacted(), second)
    assert.equal(store.revision(), third)
    assert.deepEqual(await contents(store), ['a=2', 'c=1'])
    assert.equal((await store.get('a'))?.created, first)
    await goneAt(store.list('', { revision: first }), first, second)
    await goneAt(take(store, '', first, 1), first, second)
    await goneAt(take(store, '', 0, 1), 0, second)
  })

  it('what comes after the revision stays whole: events, their previous values, states', async () => {
    await using store = await open()
    const [, second, third] = await threeCommits(store)
    await store.compact(second)
    assert.deepEqual((await take(store, '', second, 2)).map(line), [`-b(1)@${third}`, `+c=1@${third}`])
    assert.deepEqual(await contents(store, '', second), ['a=2', 'b=1'])
    assert.deepEqual(await contents(store, '', third), ['a=2', 'c=1'])
  })

  it('up to the newest revision, and writing goes on above it', async () => {
    await using store = await open()
    const [, , third] = await threeCommits(store)
    await store.compact(third)
    assert.equal(store.revision(), third)
    const next = await store.commit([put('a', '3')])
    assert.ok(next > third)
    assert.deepEqual((await take(store, '', third, 1)).map(line), [`+a=3(2)@${next}`])
    assert.deepEqual(await contents(store, '', third), ['a=2', 'c=1'])
  })

  it('never goes back, and refuses what has not happened', async () => {
    await using store = await open()
    const [first, second, third] = await threeCommits(store)
    await store.compact(second)
    await store.compact(first)
    await store.compact(second)
    assert.equal(store.compacted(), second)
    await assert.rejects(store.compact(third + 1), FutureRevisionError)
    assert.equal(store.compacted(), second)
  })

  it('does not disturb who writes, or who watches and keeps up', async () => {
    await using store = await open()
    const write = async () => {
      for (let n = 0; n < 200; n++) await store.commit([put(`k/${n % 7}`, `${n}`)])
    }
    const forget = async () => {
      for (let n = 0; n < 20; n++) {
        await store.compact(Math.max(0, store.revision() - 20))
        await new Promise(setImmediate)
      }
    }
    const [events] = await Promise.all([take(store, 'k/', 0, 200), write(), forget()])
    assert.deepEqual(
      events.map(({ value }) => Number(new TextDecoder().decode(value))),
      Array.from({ length: 200 }, (_, n) => n),
    )
    assert.equal((await contents(store)).length, 7)
  })
}

async function threeCommits(store: Store): Promise<[number, number, number]> {
  return [
    await store.commit([put('a', '1'), put('b', '1')]),
    await store.commit([put('a', '2')]),
    await store.commit([remove('b'), put('c', '1')]),
  ]
}

async function goneAt(reading: Promise<unknown>, asked: number, oldest: number): Promise<void> {
  await assert.rejects(reading, (error) => {
    assert.ok(error instanceof CompactedError)
    assert.deepEqual([error.asked, error.oldest], [asked, oldest])
    return true
  })
}
