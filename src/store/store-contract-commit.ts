import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Change, type Store, StoreConflictError } from './store.ts'
import type { OpenEmptyStore } from './store-contract.ts'
import { bytes, contents, line, put, remove, take, text } from './store-contract-parts.ts'

export function commitContract(open: OpenEmptyStore): void {
  it('an empty store is at revision 0 and the first commit makes it positive', async () => {
    await using store = await open()
    assert.equal(store.revision(), 0)
    assert.equal(store.compacted(), 0)
    assert.equal(await store.get('a'), undefined)
    assert.ok((await store.commit([put('a', '1')])) > 0)
  })

  it('each commit has a greater revision, and what it wrote is there when it resolves', async () => {
    await using store = await open()
    let before = 0
    for (const key of ['a', 'b', 'a']) {
      const revision = await store.commit([put(key, `at ${before}`)])
      assert.ok(revision > before)
      assert.equal(store.revision(), revision)
      assert.deepEqual((await store.get(key))?.revision, revision)
      assert.equal(text((await store.get(key))?.value), `at ${before}`)
      before = revision
    }
  })

  it('an entry says when its key was made, anew after a deletion', async () => {
    await using store = await open()
    const made = await store.commit([put('a', '1')])
    const changed = await store.commit([put('a', '2')])
    assert.deepEqual(await store.get('a'), { key: 'a', value: bytes('2'), revision: changed, created: made })
    await store.commit([remove('a')])
    assert.equal(await store.get('a'), undefined)
    const again = await store.commit([put('a', '3')])
    assert.deepEqual(await store.get('a'), { key: 'a', value: bytes('3'), revision: again, created: again })
  })

  it("'absent' is refused when the key is there, and names what is there", async () => {
    await using store = await open()
    const made = await store.commit([put('a', '1', 'absent')])
    await refused(store, [put('a', '2', 'absent')], 'a', made)
    await store.commit([remove('a')])
    await store.commit([put('a', '3', 'absent')])
  })

  it('an outdated, a future and a missing revision are refused', async () => {
    await using store = await open()
    const first = await store.commit([put('a', '1')])
    const second = await store.commit([put('a', '2', first)])
    await refused(store, [put('a', '3', first)], 'a', second)
    await refused(store, [remove('a', first)], 'a', second)
    await refused(store, [put('a', '3', second + 1)], 'a', second)
    await refused(store, [put('b', '3', second)], 'b', undefined)
    await refused(store, [put('a', '3', 0)], 'a', second)
    await store.commit([remove('a', second)])
    await refused(store, [put('a', '3', second)], 'a', undefined)
  })

  it('the revision of another key is not an expectation of this one', async () => {
    await using store = await open()
    const first = await store.commit([put('a', '1')])
    const second = await store.commit([put('b', '1')])
    await refused(store, [put('a', '2', second)], 'a', first)
  })

  it('several changes are one revision', async () => {
    await using store = await open()
    await store.commit([put('gone', 'x')])
    const revision = await store.commit([put('b', '1'), remove('gone'), put('a', '2')])
    const entries = await store.getMany(['a', 'b', 'gone'])
    assert.deepEqual(
      entries.map((entry) => entry?.revision),
      [revision, revision, undefined],
    )
  })

  it('a failed expectation writes nothing, and the error names the first that failed', async () => {
    await using store = await open()
    const made = await store.commit([put('a', '1'), put('b', '1')])
    await refused(store, [put('c', '2'), put('b', '2', 'absent'), put('a', '2', 'absent')], 'b', made)
    await refused(store, [put('a', '2', made), put('missing', '2', made)], 'missing', undefined)
    assert.deepEqual(await contents(store), ['a=1', 'b=1'])
    assert.equal(store.revision(), made)
    const next = await store.commit([put('z', '1')])
    assert.deepEqual((await take(store, '', made, 1)).map(line), [`+z=1@${next}`])
  })

  it('no changes resolve to the newest revision and write nothing', async () => {
    await using store = await open()
    assert.equal(await store.commit([]), 0)
    const revision = await store.commit([put('a', '1')])
    assert.equal(await store.commit([]), revision)
    assert.equal(store.revision(), revision)
  })

  it('deleting what is absent passes, and alone writes nothing', async () => {
    await using store = await open()
    const before = await store.commit([put('a', '1')])
    assert.equal(await store.commit([remove('b'), remove('c', 'absent')]), before)
    const after = await store.commit([remove('b'), put('a', '2')])
    assert.deepEqual((await take(store, '', before, 1)).map(line), [`+a=2(1)@${after}`])
  })

  it('of commits that race for one key, one wins and the others are told', async () => {
    await using store = await open()
    const start = await store.commit([put('a', 'start')])
    const race = Array.from({ length: 20 }, (_, n) =>
      store.commit([put('a', `${n}`, start), put(`only/${n}`, 'x')]),
    )
    const results = await Promise.allSettled(race)
    const won = results.filter((result) => result.status === 'fulfilled')
    assert.equal(won.length, 1)
    for (const result of results) {
      if (result.status === 'rejected') {
        assert.ok(result.reason instanceof StoreConflictError)
        assert.equal(result.reason.current, won[0]?.value)
      }
    }
    assert.equal((await contents(store, 'only/')).length, 1)
  })

  it('commits made at once are applied in the order of their calls', async () => {
    await using store = await open()
    const revisions = await Promise.all(
      Array.from({ length: 50 }, (_, n) => store.commit([put('a', `${n}`)])),
    )
    assert.deepEqual(
      revisions,
      revisions.toSorted((a, b) => a - b),
    )
    assert.equal(new Set(revisions).size, 50)
    assert.equal(text((await store.get('a'))?.value), '49')
  })

  it('counts right under concurrent read, compare and write', async () => {
    await using store = await open()
    await store.commit([put('count', '0')])
    const add = async () => {
      for (;;) {
        const seen = (await store.get('count'))!
        try {
          return await store.commit([put('count', `${Number(text(seen.value)) + 1}`, seen.revision)])
        } catch (error) {
          assert.ok(error instanceof StoreConflictError)
        }
      }
    }
    await Promise.all(Array.from({ length: 8 }, async () => [await add(), await add(), await add()]))
    assert.equal(text((await store.get('count'))?.value), '24')
  })

  it('keeps every byte of a value: none, all 256, and 4 MiB of them', async () => {
    await using store = await open()
    const large = new Uint8Array(4 << 20).map((_, at) => (at * 2654435761) >>> 24)
    const values = { none: new Uint8Array(0), all: Uint8Array.from({ length: 256 }, (_, at) => at), large }
    for (const [key, value] of Object.entries(values)) await store.commit([{ key, value, expect: 'absent' }])
    await store.commit([remove('none')])
    await store.commit([{ key: 'large', value: values.all, expect: 'any' }])
    const events = await take(store, '', 0, 5)
    assert.deepEqual(events[0]?.value, values.none)
    assert.deepEqual(events[1]?.value, values.all)
    assert.ok(Buffer.from(large).equals(events[2]!.value))
    assert.deepEqual(events[3]?.previous, values.none)
    assert.ok(Buffer.from(large).equals(events[4]!.previous!))
    assert.deepEqual((await store.get('all'))?.value, values.all)
  })

  it('copies a value, so that its owner may go on writing to it', async () => {
    await using store = await open()
    const pool = Buffer.from('before, after')
    const view = pool.subarray(0, 6)
    const committed = store.commit([{ key: 'a', value: view, expect: 'any' }])
    view.write('XXXXXX')
    await committed
    view.write('YYYYYY')
    assert.equal(text((await store.get('a'))?.value), 'before')
    assert.deepEqual(await contents(store), ['a=before'])
  })

  it('refuses a key twice in one commit, an empty key and one that is no Unicode', async () => {
    await using store = await open()
    await assert.rejects(store.commit([put('a', '1'), put('a', '2')]), TypeError)
    await assert.rejects(store.commit([put('', '1')]), TypeError)
    await assert.rejects(store.commit([put('a\ud800', '1')]), TypeError)
    assert.equal(store.revision(), 0)
  })
}

async function refused(
  store: Store,
  changes: Change[],
  key: string,
  current: number | undefined,
): Promise<void> {
  await assert.rejects(store.commit(changes), (error) => {
    assert.ok(error instanceof StoreConflictError)
    assert.deepEqual({ key: error.key, current: error.current }, { key, current })
    return true
  })
}
