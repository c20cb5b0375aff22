import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FutureRevisionError, type Page, type Store } from './store.ts'
import type { OpenEmptyStore } from './store-contract.ts'
import { contents, put, remove, text } from './store-contract-parts.ts'

/** In the order of their UTF-8 bytes, which is not that of UTF-16: U+FFFD sorts before U+1F600. */
const ordered = [
  'A',
  'a',
  'a\u0000',
  'a ',
  'a-b',
  'a/',
  'a/b',
  'a0',
  'aa',
  'a\ud7ff',
  'a\ue000',
  'a\ufffd',
  'a😀',
  'b',
  'é',
  '\u{10ffff}',
  '\u{10ffff}z',
]

export function listContract(open: OpenEmptyStore): void {
  it('says which keys changed after a revision, as long as it knows', async () => {
    await using store = await open()
    const first = await store.commit([put('p/a', '1'), put('q', '1')])
    const second = await store.commit([put('p/b', '1')])
    await store.commit([put('p/b', '2'), remove('p/a')])
    // Who no longer knows all says nothing.
    const changed = (prefix: string, after: number, keys: string[]) =>
      assert.deepEqual([...new Set(store.changed(prefix, after) ?? keys)].sort(), keys)
    changed('p/', first, ['p/a', 'p/b'])
    changed('p/', second, ['p/a', 'p/b'])
    changed('q', first, [])
    assert.deepEqual(store.changed('p/', store.revision()), [])
  })

  it('getMany answers in the order of the keys, also twice, also for absent ones', async () => {
    await using store = await open()
    await store.commit([put('a', '1'), put('b', '2')])
    const entries = await store.getMany(['b', 'x', 'a', 'b'])
    assert.deepEqual(
      entries.map((entry) => text(entry?.value)),
      ['2', undefined, '1', '2'],
    )
    assert.deepEqual(await store.getMany([]), [])
  })

  it('getMany and list never show half of a commit, while others write', async () => {
    await using store = await open()
    await store.commit([put('p/a', '0'), put('p/b', '0')])
    let writing = true
    const write = async () => {
      for (let n = 1; n <= 150; n++) await store.commit([put('p/a', `${n}`), put('p/b', `${n}`)])
      writing = false
    }
    const read = async () => {
      let before = 0
      while (writing) {
        const [a, b] = await store.getMany(['p/a', 'p/b'])
        assert.equal(text(a?.value), text(b?.value))
        assert.ok(a!.revision >= before, 'what was seen stays seen')
        const { entries, revision } = await store.list('p/')
        assert.equal(text(entries[0]?.value), text(entries[1]?.value))
        assert.ok(entries[0]!.revision >= a!.revision && revision >= entries[0]!.revision)
        before = revision
        assert.ok(store.revision() >= revision)
        await new Promise(setImmediate)
      }
    }
    await Promise.all([write(), read(), read()])
  })

  it('lists in the order of UTF-8 bytes, whatever the order of writing', async () => {
    await using store = await open()
    await store.commit(ordered.toReversed().map((key) => put(key, 'x')))
    assert.deepEqual(await keys(store, ''), ordered)
  })

  it('lists the keys that begin with the prefix, and no others', async () => {
    await using store = await open()
    await store.commit(ordered.map((key) => put(key, 'x')))
    for (const prefix of ['', 'a', 'a/', 'a/b', 'a\ud7ff', 'a\ufffd', 'b', 'c', '\u{10ffff}', 'a\u0000']) {
      const expected = ordered.filter((key) => key.startsWith(prefix))
      assert.deepEqual(await keys(store, prefix), expected, JSON.stringify(prefix))
    }
  })

  it('says the newest revision, also for an empty list', async () => {
    await using store = await open()
    assert.deepEqual(await store.list('a'), { entries: [], revision: 0, remaining: 0 })
    const revision = await store.commit([put('b', '1')])
    assert.deepEqual(await store.list('a'), { entries: [], revision, remaining: 0 })
  })

  it('pages through a prefix and counts what remains', async () => {
    await using store = await open()
    await store.commit(['a', 'k/1', 'k/2', 'k/3', 'k/4', 'k/5', 'l'].map((key) => put(key, 'x')))
    const page = async (page: Page) => {
      const { entries, remaining } = await store.list('k/', page)
      return [...entries.map(({ key }) => key), remaining]
    }
    assert.deepEqual(await page({ limit: 2 }), ['k/1', 'k/2', 3])
    assert.deepEqual(await page({ limit: 2, after: 'k/2' }), ['k/3', 'k/4', 1])
    assert.deepEqual(await page({ limit: 2, after: 'k/4' }), ['k/5', 0])
    assert.deepEqual(await page({ limit: 5 }), ['k/1', 'k/2', 'k/3', 'k/4', 'k/5', 0])
    assert.deepEqual(await page({ limit: 1, after: 'k/25' }), ['k/3', 2])
    assert.deepEqual(await page({ after: 'k/3' }), ['k/4', 'k/5', 0])
    assert.deepEqual(await page({ limit: 1, after: 'a' }), ['k/1', 4], 'after lies before the prefix')
    assert.deepEqual(await page({ limit: 1, after: 'l' }), [0], 'after lies behind the prefix')
    assert.deepEqual(await page({ limit: 0 }), [5])
  })

  it('counts what remains right after keys came and went', async () => {
    await using store = await open()
    const remaining = async (prefix: string) => (await store.list(prefix, { limit: 1 })).remaining
    await store.commit(['k/1', 'k/2', 'k/3', 'l/1'].map((key) => put(key, 'x')))
    assert.deepEqual([await remaining('k/'), await remaining('')], [2, 3])
    await store.commit([put('k/4', 'x'), put('k/1', 'y'), remove('l/1'), remove('none')])
    assert.deepEqual([await remaining('k/'), await remaining('')], [3, 3])
    await store.commit([remove('k/4'), remove('k/2'), put('l/2', 'x'), put('l/1', 'x')])
    assert.deepEqual([await remaining('k/'), await remaining(''), await remaining('l/')], [1, 3, 1])
    await Promise.all([store.commit([put('k/9', 'x')]), remaining('k/'), store.commit([remove('k/9')])])
    assert.deepEqual([await remaining('k/'), await remaining('')], [1, 3])
  })

  it('shows the state at an older revision', async () => {
    await using store = await open()
    const first = await store.commit([put('k/a', '1'), put('k/b', '1')])
    const second = await store.commit([remove('k/a'), put('k/c', '1')])
    const third = await store.commit([put('k/b', '2'), put('k/c', '2')])
    const fourth = await store.commit([put('k/a', 'anew'), remove('k/b')])
    assert.deepEqual(await contents(store, '', 0), [])
    assert.deepEqual(await contents(store, 'k/', first), ['k/a=1', 'k/b=1'])
    assert.deepEqual(await contents(store, 'k/', second), ['k/b=1', 'k/c=1'])
    assert.deepEqual(await contents(store, 'k/', third), ['k/b=2', 'k/c=2'])
    assert.deepEqual(await contents(store, 'k/', fourth), ['k/a=anew', 'k/c=2'])
    const old = await store.list('k/', { revision: third })
    assert.equal(old.revision, third)
    assert.deepEqual(
      old.entries.map(({ revision, created }) => [revision, created]),
      [
        [third, first],
        [third, second],
      ],
    )
  })

  it('pages at a revision show one state, whatever is written between them', async () => {
    await using store = await open()
    await store.commit(['k/1', 'k/2', 'k/3', 'k/4', 'k/5'].map((key) => put(key, 'old')))
    const first = await store.list('k/', { limit: 2 })
    await store.commit([put('k/3', 'new'), remove('k/4'), put('k/45', 'new')])
    const second = await store.list('k/', { limit: 2, after: 'k/2', revision: first.revision })
    await store.commit([remove('k/5')])
    const third = await store.list('k/', { limit: 2, after: 'k/4', revision: first.revision })
    const pages = [first, second, third]
    assert.deepEqual(
      pages.map(({ entries }) => entries.map(({ key, value }) => `${key}=${text(value)}`)),
      [['k/1=old', 'k/2=old'], ['k/3=old', 'k/4=old'], ['k/5=old']],
    )
    assert.deepEqual(
      pages.map(({ remaining }) => remaining),
      [3, 1, 0],
    )
    assert.equal((await store.list('k/', { limit: 1, after: 'k/1', revision: first.revision })).remaining, 3)
  })

  it('gives values of lists away', async () => {
    await using store = await open()
    await store.commit([put('k/a', '1'), put('k/b', '1')])
    const revision = await store.commit([put('k/b', '2')])
    await store.commit([put('k/b', '3'), put('l', '1')])
    const all = { values: ['1', '3'], now: {} }
    const old = { values: ['1', '2'], now: { revision } }
    for (const { values, now } of [all, old, all, old]) {
      const { entries } = await store.list('k/', now)
      assert.deepEqual(
        entries.map(({ value }) => text(value)),
        values,
      )
      for (const { value } of entries) value.fill(0)
    }
    assert.deepEqual(
      [text((await store.get('k/a'))?.value), text((await store.get('k/b'))?.value)],
      ['1', '3'],
    )
  })

  it('refuses a revision that has not happened', async () => {
    await using store = await open()
    const newest = await store.commit([put('a', '1')])
    await assert.rejects(store.list('', { revision: newest + 1 }), (error) => {
      assert.ok(error instanceof FutureRevisionError)
      assert.deepEqual([error.asked, error.newest], [newest + 1, newest])
      return true
    })
  })
}

const keys = async (store: Store, prefix: string) => (await store.list(prefix)).entries.map(({ key }) => key)
