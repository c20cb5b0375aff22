import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configMaps } from '../api/index.ts'
import type { ListOptions } from '../client/client.ts'
import { giveBack } from '../machinery/index.ts'
import { openSqliteStore, type Store } from '../store/index.ts'
import { objectKey } from './keys.ts'
import { listPages } from './list-pages.ts'
import { createObjectCache, encodeObject } from './object-codec.ts'
import { createTurns } from './turns.ts'

const value = (name: string, size = 0, labels = {}) =>
  encodeObject({ metadata: { name, namespace: 'demo', labels }, data: { text: 'x'.repeat(size) } } as never)

async function fill(store: Store, count: number, size = 0): Promise<void> {
  const names = Array.from({ length: count }, (_, n) => `c-${String(n).padStart(5, '0')}`)
  await store.commit(
    names.map((name, n) => ({
      key: objectKey(configMaps, 'demo', name),
      value: value(name, size, { odd: String(n % 2) }),
      expect: 'absent' as const,
    })),
  )
}

const open = async () => {
  const store = await openSqliteStore({ file: ':memory:' })
  return { store, cache: createObjectCache(), turns: createTurns() }
}

describe('a list in pages', () => {
  it('holds at one revision, whatever is written meanwhile', async () => {
    const deps = await open()
    await using store = deps.store
    await fill(store, 1000)
    const { metadata, pages } = await listPages(configMaps, 'demo', {}, deps)
    const seen: string[] = []
    for await (const page of pages) {
      seen.push(...page.map(({ key }) => key))
      assert(page.every(({ revision }) => revision <= Number(metadata.resourceVersion)))
      const keys = ['c-00000', 'c-00999', `new-${seen.length}`].map((name) =>
        objectKey(configMaps, 'demo', name),
      )
      await store.commit([
        { key: keys[0] as string, value: undefined, expect: 'any' },
        { key: keys[1] as string, value: value('changed'), expect: 'any' },
        { key: keys[2] as string, value: value('new'), expect: 'any' },
      ])
    }
    assert.equal(seen.length, 1000)
    assert.deepEqual(seen, [...new Set(seen)].sort())
    assert.equal(seen.at(-1), objectKey(configMaps, 'demo', 'c-00999'))
  })

  it('has small pages where objects are large', async () => {
    const deps = await open()
    await using store = deps.store
    await fill(store, 300, 20_000)
    const { pages } = await listPages(configMaps, 'demo', {}, deps)
    const sizes: number[] = []
    for await (const page of pages) sizes.push(page.length)
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      300,
    )
    assert(sizes.slice(1).every((size) => size <= 15))
  })

  it('lets others have their turns between its pages', async () => {
    const deps = await open()
    await using store = deps.store
    await fill(store, 1500)
    const order: string[] = []
    const read = async (who: string) => {
      const { pages } = await listPages(configMaps, 'demo', {}, deps, who)
      for await (const _ of pages) order.push(who)
    }
    await Promise.all([read('greedy'), read('greedy'), read('greedy'), read('modest')])
    // Four first pages, then the two take turns until the modest one is done.
    const modest = order.lastIndexOf('modest')
    const turns = order.slice(4, modest + 1)
    assert(
      turns.filter((who) => who === 'greedy').length <= turns.filter((who) => who === 'modest').length + 1,
    )
  })

  it('goes on with its token after a limit, with and without a selector', async () => {
    const deps = await open()
    await using store = deps.store
    await fill(store, 1100)
    for (const labelSelector of [undefined, 'odd=1']) {
      const seen: string[] = []
      let token: string | undefined
      do {
        const options = {
          limit: 330,
          ...(labelSelector === undefined ? {} : { labelSelector }),
          ...(token === undefined ? {} : { continue: token }),
        }
        const { metadata, pages } = await listPages(configMaps, 'demo', options, deps)
        for await (const page of pages) seen.push(...page.map(({ key }) => key))
        const counts = labelSelector === undefined && metadata.continue !== undefined
        assert.equal(metadata.remainingItemCount, counts ? 1100 - seen.length : undefined)
        token = metadata.continue
      } while (token !== undefined)
      assert.equal(seen.length, labelSelector === undefined ? 1100 : 550)
      assert.deepEqual(seen, [...new Set(seen)].sort())
    }
  })

  it('has values of its own, but where it is one object by its name', async () => {
    const deps = await open()
    await using store = deps.store
    await fill(store, 300)
    const entriesOf = async (options: ListOptions) => {
      const { pages, isOwn } = await listPages(configMaps, 'demo', options, deps)
      let count = 0
      for await (const page of pages) {
        count += page.length
        if (isOwn) for (const { value } of page) giveBack(value)
      }
      return [count, isOwn]
    }
    const odd = { labelSelector: 'odd=1' }
    const named = { fieldSelector: 'metadata.name=c-00001' }
    for (let n = 0; n < 2; n++) {
      assert.deepEqual(await entriesOf({}), [300, true])
      assert.deepEqual(await entriesOf({ limit: 10 }), [10, true])
      assert.deepEqual(await entriesOf(odd), [150, true])
      assert.deepEqual(await entriesOf({ ...odd, limit: 20 }), [20, true])
      assert.deepEqual(await entriesOf(named), [1, false])
    }
  })
})
