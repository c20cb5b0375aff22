import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configMaps } from '../api/index.ts'
import type { ListOptions } from '../client/client.ts'
import { type Entry, openSqliteStore, type Store } from '../store/index.ts'
import { objectKey } from './keys.ts'
import { type JoinedPages, listJoined } from './list-joined.ts'
import { listPages } from './list-pages.ts'
import { createSegmentCache, createSegmentRoom } from './list-segments.ts'
import { createObjectCache } from './object-codec.ts'
import { createTurns } from './turns.ts'

const keyOf = (n: number, namespace = 'demo') =>
  objectKey(configMaps, namespace, `c-${String(n).padStart(5, '0')}`)

const itemJson = ({ key, value, revision }: Entry) => ({
  front: '',
  rest: Buffer.from(JSON.stringify([key, Buffer.from(value).toString(), revision])),
})

type Item = [key: string, value: string, revision: number]

async function open(watch = {}) {
  const store = await openSqliteStore({ file: ':memory:', watch })
  const reads: (string | undefined)[] = []
  const counted = {
    list(prefix: string, page: { after?: string; remaining?: 'any' }) {
      if (page.remaining === 'any') reads.push(page.after)
      return store.list(prefix, page)
    },
    revision: () => store.revision(),
    changed: (prefix: string, after: number) => store.changed(prefix, after),
  } as Store
  const turns = createTurns()
  const room = createSegmentRoom(1 << 20)
  const segments = createSegmentCache(configMaps, store, room)
  const deps = { store: counted, turns, segments, itemJson }
  return {
    store,
    room,
    /** Where pages were read from the store. */
    reads,
    write: (changes: Record<string, string | undefined>) =>
      store.commit(
        Object.entries(changes).map(([key, text]) => ({
          key,
          value: text === undefined ? undefined : Buffer.from(text),
          expect: 'any' as const,
        })),
      ),
    list: (options: ListOptions = {}, namespace = 'demo') =>
      listJoined(configMaps, namespace, options, deps, 'me') as Promise<JoinedPages>,
    /** The same by another way. */
    async expected(options: ListOptions = {}, namespace = 'demo') {
      const { metadata, pages } = await listPages(configMaps, namespace, options, {
        store,
        turns,
        cache: createObjectCache(),
      })
      const items: Item[] = []
      for await (const page of pages)
        for (const { key, value, revision } of page)
          items.push([key, Buffer.from(value).toString(), revision])
      return { metadata, items }
    },
  }
}

async function itemsOf({ pages }: JoinedPages): Promise<Item[]> {
  const pieces: Buffer[] = []
  for await (const { json } of pages) pieces.push(json)
  return JSON.parse(`[${Buffer.concat(pieces).subarray(1)}]`) as Item[]
}

const many = (count: number, size = 1000, namespace = 'demo') =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [keyOf(n, namespace), 'x'.repeat(size)]))

describe('a list of joined items', () => {
  it('is what a list is, whatever is written between two of them', async () => {
    const lab = await open()
    await using store = lab.store
    await lab.write(many(700))
    let seed = 1
    const below = (limit: number) => {
      seed = (seed * 48271) % 0x7fffffff
      return seed % limit
    }
    for (let round = 0; round < 150; round++) {
      const changes: Record<string, string | undefined> = {}
      for (let n = below(4); n > 0; n--) {
        const key = keyOf(below(720))
        changes[key] = below(3) === 0 ? undefined : `${round}`.repeat(below(900) + 1)
      }
      await lab.write(changes)
      const limit = [undefined, 1, 10, 100, 250, 699, 1000][below(7)]
      const options = limit === undefined ? {} : { limit }
      const namespace = below(3) === 0 ? '' : 'demo'
      const listed = await lab.list(options, namespace)
      const { metadata, items } = await lab.expected(options, namespace)
      assert.deepEqual(await itemsOf(listed), items)
      assert.deepEqual(listed.metadata, metadata)
    }
    assert.equal(store.revision() > 0, true)
  })

  it('holds at one revision while it is read and others write', async () => {
    const lab = await open()
    await using _store = lab.store
    await lab.write(many(700))
    for (let n = 0; n < 3; n++) await itemsOf(await lab.list())
    const { metadata, pages } = await lab.list()
    const items: Item[] = []
    for await (const page of pages) {
      items.push(...(JSON.parse(`[${page.json.subarray(1)}]`) as Item[]))
      await lab.write({ [keyOf(699)]: 'new', [keyOf(300)]: undefined, [keyOf(301, 'demo')]: 'new' })
    }
    assert.equal(items.length, 700)
    assert.ok(items.every(([, , revision]) => revision <= Number(metadata.resourceVersion)))
    assert.ok(items.every(([, value]) => value.startsWith('x')))
  })

  it('is read from the store twice, and then only where something changed', async () => {
    const lab = await open()
    await using _store = lab.store
    await lab.write({ ...many(700), [keyOf(1, 'other')]: 'x' })
    await itemsOf(await lab.list())
    const first = lab.reads.splice(0)
    assert.ok(first.length > 2)
    await itemsOf(await lab.list())
    assert.deepEqual(lab.reads.splice(0), first)
    await itemsOf(await lab.list())
    await itemsOf(await lab.list({ limit: 500 }))
    assert.deepEqual(lab.reads, [])
    await lab.write({ [keyOf(150)]: 'changed', [keyOf(1, 'other')]: 'changed' })
    const items = await itemsOf(await lab.list())
    assert.deepEqual(items[150]?.slice(0, 2), [keyOf(150), 'changed'])
    assert.deepEqual(lab.reads, [keyOf(99)])
    for (let n = 0; n < 2; n++) await itemsOf(await lab.list())
    assert.deepEqual(lab.reads.splice(0), [keyOf(99), keyOf(99)])
    await lab.write({ [keyOf(700)]: 'at the end' })
    assert.equal((await itemsOf(await lab.list())).length, 701)
    assert.equal(lab.reads.length, 1)
  })

  it('is read anew where nobody knows any more what changed', async () => {
    const lab = await open({ events: 10 })
    await using _store = lab.store
    await lab.write(many(300))
    for (let n = 0; n < 3; n++) await itemsOf(await lab.list())
    for (let n = 0; n < 20; n++) await lab.write({ [keyOf(n)]: 'changed' })
    const items = await itemsOf(await lab.list())
    assert.equal(items.filter(([, value]) => value === 'changed').length, 20)
  })

  it('stays within its room', async () => {
    const lab = await open()
    await using _store = lab.store
    await lab.write(many(3000))
    for (let n = 0; n < 3; n++) await itemsOf(await lab.list())
    assert.ok(lab.room.calculatedSize > 1 << 19)
    assert.equal((await itemsOf(await lab.list())).length, 3000)
    assert.ok(lab.room.calculatedSize <= 1 << 20)
  })

  it('leaves lists with a selector, from a place or at a revision to others', async () => {
    const lab = await open()
    await using _store = lab.store
    const revision = String(await lab.write(many(20)))
    const others: ListOptions[] = [
      { labelSelector: 'a=b' },
      { fieldSelector: 'metadata.name=c-00001' },
      { continue: (await lab.list({ limit: 5 })).metadata.continue as string },
      { resourceVersion: revision, resourceVersionMatch: 'Exact' },
    ]
    for (const options of others) assert.equal(await lab.list(options), undefined)
  })
})
