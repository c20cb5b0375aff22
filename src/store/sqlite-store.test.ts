import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openDatabase } from './database.ts'
import { LogReader } from './log-reader.ts'
import { LogWriter } from './log-writer.ts'
import { openSqliteStore, type SqliteStoreOptions } from './open-sqlite-store.ts'
import { SqliteStore } from './sqlite-store.ts'
import { CompactedError, SlowWatcherError, type Store } from './store.ts'
import { storeContract } from './store-contract.ts'
import { contents, line, put, remove, take, text } from './store-contract-parts.ts'
import { StoreClosedError, StoreFailedError } from './store-errors.ts'
import { openTestFolder } from './store-test-folder.ts'
import { createInlineWriter } from './writer.ts'

const watch = { progressMs: 20 }
/** Next to nothing in memory: every read and every watch goes to the disk. */
const noCaches = { cacheBytes: 0, watch: { ...watch, events: 1, bytes: 1 } }

storeContract('SQLite in memory', () => openSqliteStore({ file: ':memory:', watch }))
storeContract('SQLite in a file', () => openInNewFolder({ watch }))
storeContract('SQLite in a file, without caches', () => openInNewFolder(noCaches))

describe('a SQLite store that is opened again', () => {
  it('has everything: entries, revision, history, what was forgotten', async () => {
    await using folder = await openTestFolder()
    let revisions: number[]
    {
      await using store = await openSqliteStore({ file: folder.file })
      revisions = [
        await store.commit([put('a', '1'), put('b', '1')]),
        await store.commit([put('a', '2')]),
        await store.commit([remove('b')]),
      ]
      await store.compact(revisions[0]!)
    }
    await using store = await openSqliteStore({ file: folder.file })
    const [first, second, third] = revisions
    assert.equal(store.revision(), third)
    assert.equal(store.compacted(), first)
    assert.deepEqual(await contents(store), ['a=2'])
    assert.deepEqual(await contents(store, '', second), ['a=2', 'b=1'])
    assert.deepEqual((await take(store, '', first!, 2)).map(line), [`+a=2(1)@${second}`, `-b(1)@${third}`])
    await assert.rejects(take(store, '', 0, 1), CompactedError)
    assert.ok((await store.commit([put('a', '3', second!)])) > third!)
  })

  it('goes on above its revision when all of the history was forgotten', async () => {
    await using folder = await openTestFolder()
    let newest: number
    {
      await using store = await openSqliteStore({ file: folder.file })
      await store.commit([put('a', '1')])
      newest = await store.commit([remove('a')])
      await store.compact(newest)
    }
    await using store = await openSqliteStore({ file: folder.file })
    assert.equal(store.revision(), newest)
    assert.ok((await store.commit([put('b', '1')])) > newest)
  })

  it('finishes a forgetting that broke off', async () => {
    await using folder = await openTestFolder()
    {
      await using store = await openSqliteStore({ file: folder.file })
      for (let n = 0; n < 50; n++) await store.commit([put('a', `${n}`)])
    }
    const db = openDatabase(folder.file)
    db.exec("UPDATE meta SET value = 40 WHERE name = 'compacted'")
    db.close()
    {
      await using store = await openSqliteStore({ file: folder.file })
      assert.equal(store.compacted(), 40)
      assert.equal((await take(store, 'a', 40, 10)).length, 10)
      // Behind the clearing up that the opening began.
      await store.compact(41)
    }
    const after = openDatabase(folder.file)
    assert.equal(after.prepare('SELECT count(*) AS n FROM log').get()?.n, 9)
    after.close()
  })
})

describe('closing a SQLite store', () => {
  it('keeps the commits that wait, refuses later ones and ends the watches', async () => {
    await using folder = await openTestFolder()
    const store = await openSqliteStore({ file: folder.file })
    const ended = Array.fromAsync(store.watch('none/', 0, { signal: new AbortController().signal }))
    const commits = Array.from({ length: 100 }, (_, n) => store.commit([put(`k/${n}`, 'x')]))
    const closed = store[Symbol.asyncDispose]()
    await assert.rejects(store.commit([put('late', 'x')]), StoreClosedError)
    await assert.rejects(store.get('k/1'), StoreClosedError)
    await Promise.all(commits)
    await closed
    await store[Symbol.asyncDispose]()
    assert.deepEqual(await ended, [])
    await using again = await openSqliteStore({ file: folder.file })
    assert.equal((await contents(again)).length, 100)
  })
})

describe('a watcher that falls behind', () => {
  it('gets everything from the disk when memory no longer has it, and then live again', async () => {
    await using store = await openInNewFolder({ watch: { ...watch, events: 3 } })
    const abort = new AbortController()
    const events = store.watch('k', 0, { signal: abort.signal })[Symbol.asyncIterator]()
    const seen: number[] = []
    const read = async (count: number) => {
      for (let n = 0; n < count; n++) {
        const { value } = await events.next()
        seen.push(Number(text(value?.value)))
      }
    }
    let written = 0
    const write = async (count: number) => {
      for (let n = 0; n < count; n++) await store.commit([put('k', `${written++}`), put('other', 'x')])
    }
    for (const [writes, reads] of [
      [2, 1],
      [700, 3],
      [1, 650],
      [0, 49],
      [5, 5],
    ] as const) {
      await write(writes)
      await read(reads)
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 708 }, (_, n) => n),
    )
    abort.abort()
  })

  it('gets a SlowWatcherError beyond the bound, but not for what does not concern it', async () => {
    await using store = await openSqliteStore({ file: ':memory:', watch: { ...watch, events: 5, lag: 20 } })
    const { signal } = new AbortController()
    const slow = store.watch('a', 0, { signal })[Symbol.asyncIterator]()
    const idle = store.watch('b', 0, { signal })[Symbol.asyncIterator]()
    await store.commit([put('a', '0'), put('b', '0')])
    assert.equal((await slow.next()).value?.key, 'a')
    assert.equal((await idle.next()).value?.key, 'b')
    for (let n = 1; n <= 40; n++) await store.commit([put('a', `${n}`)])
    await store.commit([put('b', '1')])
    await assert.rejects(slow.next(), SlowWatcherError)
    assert.equal((await slow.next()).done, true)
    assert.equal(text((await idle.next()).value?.value), '1')
  })

  it('gets a SlowWatcherError when what it still needs is forgotten', async () => {
    await using store = await openSqliteStore({ file: ':memory:', watch: { ...watch, events: 1 } })
    const events = store.watch('a', 0, { signal: new AbortController().signal })[Symbol.asyncIterator]()
    await store.commit([put('a', '0')])
    await events.next()
    await store.commit([put('a', '1')])
    await store.commit([put('a', '2')])
    await store.compact(store.revision())
    await assert.rejects(events.next(), SlowWatcherError)
  })

  it('shares one event object with the others', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    const watching = [take(store, 'a', 0, 1), take(store, 'a/', 0, 1), take(store, '', 0, 1)]
    await store.commit([put('a/b', '1')])
    const [one, two, three] = (await Promise.all(watching)).map(([event]) => event)
    assert.ok(one !== undefined && one === two && two === three)
  })
})

describe('retention', () => {
  it('forgets by itself what is older than so many revisions', async () => {
    await using store = await openInNewFolder({ retention: { keepRevisions: 10, keepMs: 50 }, now: () => 0 })
    for (let n = 0; n < 60; n++) await store.commit([put('a', `${n}`)])
    while (store.compacted() < 50) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(store.compacted(), 50)
    assert.equal((await take(store, 'a', 50, 10)).length, 10)
  })
})

describe('a disk without room', () => {
  it('refuses the commit, keeps what it acknowledged, and goes on when there is room', async () => {
    const db = openDatabase(':memory:')
    const writer = createInlineWriter(new LogWriter(db))
    await using store = new SqliteStore({
      reader: new LogReader(db),
      writer,
      newest: 0,
      compacted: 0,
      cacheBytes: 0,
      watch: { events: 10, bytes: 1000, lag: 100, progressMs: 20 },
      release() {},
    })
    const first = await store.commit([put('a', '1')])
    db.exec('PRAGMA max_page_count = 30')
    const large = { key: 'large', value: new Uint8Array(1 << 20), expect: 'any' as const }
    await assert.rejects(store.commit([put('a', '2'), large]), (error) => {
      assert.ok(error instanceof StoreFailedError)
      assert.equal(error.fatal, false)
      return true
    })
    assert.equal(store.revision(), first)
    assert.deepEqual(await contents(store), ['a=1'])
    db.exec('PRAGMA max_page_count = 10000')
    const second = await store.commit([put('a', '2', first), large])
    assert.deepEqual((await take(store, 'a', 0, 2)).map(line), [`+a=1@${first}`, `+a=2(1)@${second}`])
  })
})

async function openInNewFolder(options: Omit<SqliteStoreOptions, 'file'>): Promise<Store> {
  const folder = await openTestFolder()
  const store = await openSqliteStore({ ...options, file: folder.file })
  const close = store[Symbol.asyncDispose].bind(store)
  store[Symbol.asyncDispose] = async () => {
    await close()
    await folder[Symbol.asyncDispose]()
  }
  return store
}
