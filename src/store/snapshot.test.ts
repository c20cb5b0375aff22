import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openSqliteStore } from './open-sqlite-store.ts'
import { checkSnapshot, renewSnapshot, snapshotKeys, snapshotStore } from './snapshot.ts'
import { CompactedError } from './store.ts'
import { contents, put, remove, take } from './store-contract-parts.ts'
import { StoreOpenError } from './store-errors.ts'
import { openTestFolder } from './store-test-folder.ts'

describe('a snapshot of a store', () => {
  it('is of one revision, with its history, while the store goes on', async () => {
    await using folder = await openTestFolder()
    const copy = join(folder.path, 'copy.db')
    await using store = await openSqliteStore({ file: folder.file })
    await store.commit([put('a', '1')])
    const second = await store.commit([put('a', '2'), put('b/1', '1'), put('b/2', '1')])
    assert.equal(snapshotStore(folder.file, copy), second)
    await store.commit([put('a', '3'), remove('b/1')])
    await using other = await openSqliteStore({ file: copy })
    assert.deepEqual(await contents(other), ['a=2', 'b/1=1', 'b/2=1'])
    assert.equal((await take(other, '', 0, 4)).length, 4)
    assert.deepEqual([...snapshotKeys(copy, 'b/')], ['b/1', 'b/2'])
  })

  it('is newer than anything that was seen, once it is renewed', async () => {
    await using folder = await openTestFolder()
    const copy = join(folder.path, 'copy.db')
    {
      await using store = await openSqliteStore({ file: folder.file })
      await store.commit([put('a', '1')])
      snapshotStore(folder.file, copy)
    }
    assert.throws(() => renewSnapshot(copy, 0), RangeError)
    renewSnapshot(copy, 5000)
    await using store = await openSqliteStore({ file: copy })
    assert.deepEqual([store.revision(), store.compacted()], [5000, 5000])
    assert.deepEqual(await contents(store), ['a=1'])
    await assert.rejects(take(store, '', 4999, 1), CompactedError)
    assert.equal(await store.commit([put('a', '2', 1)]), 5001)
  })

  it('of what is no store is refused, and a damaged one is noticed', async () => {
    await using folder = await openTestFolder()
    const copy = join(folder.path, 'copy.db')
    assert.throws(() => snapshotStore(folder.file, copy), StoreOpenError)
    await writeFile(folder.file, 'x'.repeat(8192))
    assert.throws(() => snapshotStore(folder.file, copy), StoreOpenError)
    await writeFile(copy, 'x'.repeat(8192))
    assert.throws(() => checkSnapshot(copy), StoreOpenError)
  })
})

describe('free room', () => {
  it('goes back to the disk when much of the file is free', async () => {
    await using folder = await openTestFolder()
    const value = new Uint8Array(4000).fill(7)
    const keys = Array.from({ length: 4000 }, (_, n) => `k/${n}`)
    const sizes: number[] = []
    {
      await using store = await openSqliteStore({ file: folder.file })
      for (const changes of [keys.slice(0, 2000), keys.slice(2000)])
        await store.commit(changes.map((key) => ({ key, value, expect: 'absent' })))
      await store.compact(store.revision())
    }
    sizes.push((await stat(folder.file)).size)
    {
      await using store = await openSqliteStore({ file: folder.file })
      for (const changes of [keys.slice(0, 2000), keys.slice(2000, 3900)])
        await store.commit(changes.map((key) => ({ key, value: undefined, expect: 'any' })))
      await store.compact(store.revision())
      assert.equal((await contents(store)).length, 100)
    }
    sizes.push((await stat(folder.file)).size)
    const [before, after] = sizes as [number, number]
    assert(before > 16e6 && after < before / 2, sizes.join(' '))
  })
})
