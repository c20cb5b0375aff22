import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { openSqliteStore } from './open-sqlite-store.ts'
import { put } from './store-contract-parts.ts'
import { StoreLockedError, StoreOpenError, type StoreOpenProblem } from './store-errors.ts'
import { openTestFolder } from './store-test-folder.ts'

const door = new URL('./index.ts', import.meta.url).href

describe('opening a SQLite store', { timeout: 60_000 }, () => {
  it('refuses a file that this process has open, by whichever path, and takes it when it is free', async () => {
    await using folder = await openTestFolder()
    const store = await openSqliteStore({ file: folder.file })
    const link = join(folder.path, 'link.db')
    await symlink(folder.file, link)
    await refused(folder.file, 'locked')
    await assert.rejects(openSqliteStore({ file: link }), StoreLockedError)
    await store.commit([put('a', '1')])
    await store[Symbol.asyncDispose]()
    await using again = await openSqliteStore({ file: link })
    assert.equal(again.revision(), 1)
  })

  it('refuses a file that another process has open, until that dies, even by SIGKILL', async () => {
    await using folder = await openTestFolder()
    const child = run(`
      const store = await openSqliteStore({ file: ${JSON.stringify(folder.file)} })
      await store.commit([{ key: 'a', value: new Uint8Array(1), expect: 'absent' }])
      process.stdout.write('open')
      setInterval(() => {}, 1000)`)
    await once(child.stdout!, 'data')
    await refused(folder.file, 'locked')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await using store = await openSqliteStore({ file: folder.file })
    assert.equal(store.revision(), 1)
  })

  it('refuses a folder that is missing, and a folder as the file', async () => {
    await using folder = await openTestFolder()
    await refused(join(folder.path, 'none', 'store.db'), 'missing-folder')
    await refused(folder.path, 'not-writable')
  })

  it('refuses a folder that it must not write to', async () => {
    await using folder = await openTestFolder()
    const shut = join(folder.path, 'shut')
    await mkdir(shut)
    await chmod(folder.path, 0o755)
    await chmod(shut, 0o555)
    const file = join(shut, 'store.db')
    // Root may write everywhere, so it tries as nobody.
    const child = run(
      `await openSqliteStore({ file: ${JSON.stringify(file)} }).catch((error) => process.stdout.write(error.kind + ' ' + error.message))`,
      process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {},
    )
    const said = await text(child.stdout!)
    assert.match(said, /^not-writable cannot open the store /)
    assert.ok(said.includes(file))
  })

  it('refuses a file that is no database and leaves it as it is', async () => {
    await using folder = await openTestFolder()
    const content = 'This is a text. '.repeat(1000)
    await writeFile(folder.file, content)
    await refused(folder.file, 'corrupt')
    assert.equal(await readFile(folder.file, 'utf8'), content)
  })

  it('refuses a store whose first pages are damaged', async () => {
    await using folder = await openTestFolder()
    {
      await using store = await openSqliteStore({ file: folder.file })
      for (let n = 0; n < 50; n++) await store.commit([put(`k/${n}`, 'x'.repeat(2000))])
    }
    const content = await readFile(folder.file)
    await writeFile(folder.file, content.fill(0xaa, 100, 4096 * 8))
    await refused(folder.file, 'corrupt')
  })

  it('refuses a store that was cut off', async () => {
    await using folder = await openTestFolder()
    {
      await using store = await openSqliteStore({ file: folder.file })
      for (let n = 0; n < 50; n++) await store.commit([put(`k/${n}`, 'x'.repeat(2000))])
    }
    const content = await readFile(folder.file)
    await writeFile(folder.file, content.subarray(0, 4096 * 3))
    await refused(folder.file, 'corrupt')
  })

  it('refuses the database of another program', async () => {
    await using folder = await openTestFolder()
    const db = new DatabaseSync(folder.file)
    db.exec('CREATE TABLE notes (text)')
    db.close()
    await refused(folder.file, 'not-a-store')
  })

  it('refuses a schema that a newer version wrote', async () => {
    await using folder = await openTestFolder()
    await (await openSqliteStore({ file: folder.file }))[Symbol.asyncDispose]()
    const db = new DatabaseSync(folder.file)
    db.exec('PRAGMA user_version = 1000')
    db.close()
    await refused(folder.file, 'newer-schema')
  })

  it('makes files that only their owner can read', async () => {
    await using folder = await openTestFolder()
    await using store = await openSqliteStore({ file: folder.file })
    await store.commit([put('a', 'secret')])
    for (const suffix of ['', '-wal', '-shm'])
      assert.equal((await stat(folder.file + suffix)).mode & 0o777, 0o600)
  })

  it('gives the file free after each refusal', async () => {
    await using folder = await openTestFolder()
    await writeFile(folder.file, 'This is a text. '.repeat(1000))
    await refused(folder.file, 'corrupt')
    await writeFile(folder.file, '')
    await using store = await openSqliteStore({ file: folder.file })
    assert.equal(store.revision(), 0)
  })
})

describe('an idle SQLite store', { timeout: 60_000 }, () => {
  it('does not keep the process alive', async () => {
    await using folder = await openTestFolder()
    const child = run(`
      const store = await openSqliteStore({ file: ${JSON.stringify(folder.file)}, retention: { keepMs: 1000 } })
      store.watch('', 0, { signal: new AbortController().signal })[Symbol.asyncIterator]().next()
      process.stdout.write(String(await store.commit([{ key: 'a', value: new Uint8Array(1), expect: 'absent' }])))`)
    const [said, [code]] = await Promise.all([text(child.stdout!), once(child, 'exit')])
    assert.equal(said, '1')
    // 13: a promise of the top level is left open; here none is.
    assert.equal(code, 0)
  })
})

async function refused(file: string, kind: StoreOpenProblem): Promise<void> {
  await assert.rejects(openSqliteStore({ file }), (error) => {
    assert.ok(error instanceof StoreOpenError)
    assert.equal(error.kind, kind, error.message)
    assert.ok(error.message.includes(error.file))
    assert.ok(error.file.endsWith(file.slice(file.lastIndexOf('/'))))
    return true
  })
}

function run(script: string, as: { uid?: number; gid?: number } = {}): ChildProcess {
  const source = `import { openSqliteStore } from ${JSON.stringify(door)}\n${script}`
  return spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...as,
  })
}
