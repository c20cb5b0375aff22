import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Digest } from '../oci/index.ts'
import { openSqliteStore, type Store } from '../store/index.ts'
import { digestOf } from './registry-lab.ts'
import { openRepositoryRecords } from './repository-records.ts'

const blob = digestOf('blob')
const manifest = digestOf('manifest')
const subject = digestOf('subject')

async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await check()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail('it never happened')
}

/** Counts what reaches the store. */
function counting(store: Store): { store: Store; gets: () => number } {
  let gets = 0
  const counted = new Proxy(store, {
    get(target, name) {
      if (name === 'get') gets++
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { store: counted, gets: () => gets }
}

describe('repository records', () => {
  it('links: written once, read from memory, gone when taken back', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    const { store: counted, gets } = counting(store)
    await using records = openRepositoryRecords({ store: counted })
    assert.equal(await records.blobLink('a/b', blob), undefined)
    await records.linkBlob('a/b', blob, { size: 5 })
    const revision = store.revision()
    await records.linkBlob('a/b', blob, { size: 5 })
    assert.equal(store.revision(), revision)
    const before = gets()
    for (let n = 0; n < 10; n++) assert.deepEqual(await records.blobLink('a/b', blob), { size: 5 })
    assert.equal(gets(), before)
    assert.deepEqual(await records.holders(blob, 10), ['a/b'])
    assert.equal(await records.unlinkBlob('a/b', blob), true)
    assert.equal(await records.unlinkBlob('a/b', blob), false)
    assert.equal(await records.blobLink('a/b', blob), undefined)
    assert.deepEqual(await records.holders(blob, 10), [])
  })

  it('repositories whose names begin alike are apart', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    await using records = openRepositoryRecords({ store })
    await records.linkBlob('a/b', blob, { size: 5 })
    for (const other of ['a/bb', 'a/b-c', 'aa/b'])
      assert.equal(await records.blobLink(other, blob), undefined)
  })

  it('a manifest and its place among referrers come and go together', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    await using records = openRepositoryRecords({ store })
    const descriptor = { mediaType: 'x/y', size: 3, digest: manifest, artifactType: 'a/b' }
    await records.putManifest('a/b', manifest, { mediaType: 'x/y', size: 3, subject }, descriptor)
    assert.deepEqual(await records.manifest('a/b', manifest), { mediaType: 'x/y', size: 3, subject })
    assert.deepEqual(await records.referrers('a/b', subject), [descriptor])
    assert.deepEqual(await records.referrers('a/c', subject), [])
    assert.equal(await records.deleteManifest('a/b', manifest), true)
    assert.equal(await records.deleteManifest('a/b', manifest), false)
    assert.deepEqual(await records.referrers('a/b', subject), [])
    const { entries } = await store.list('registry/')
    assert.deepEqual(entries, [])
  })

  it('threat 10: what another replica takes back is forgotten here too', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    const forgotten: [string, Digest][] = []
    await using here = openRepositoryRecords({
      store,
      onUnlinked: (repository, digest) => void forgotten.push([repository, digest]),
    })
    await using there = openRepositoryRecords({ store })
    await here.linkBlob('a/b', blob, { size: 5 })
    await here.linkBlob('c/d', blob, { size: 5 })
    await there.unlinkEverywhere(blob)
    await eventually(async () => (await here.blobLink('a/b', blob)) === undefined)
    await eventually(() => forgotten.length === 2)
    assert.deepEqual(forgotten.sort(), [
      ['a/b', blob],
      ['c/d', blob],
    ])
  })
})
