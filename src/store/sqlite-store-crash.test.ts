import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { openSqliteStore } from './open-sqlite-store.ts'
import type { Revision, Store } from './store.ts'
import { put, take, text } from './store-contract-parts.ts'
import { openTestFolder } from './store-test-folder.ts'

interface Acknowledged {
  writer: string
  count: number
  revision: Revision
}

const child = new URL('./crash-child.ts', import.meta.url).pathname

describe('a SQLite store whose process is killed', { timeout: 120_000 }, () => {
  for (const mode of ['keep', 'forget']) {
    it(`has every acknowledged commit and no half of one (${mode} history)`, async (test) => {
      await using folder = await openTestFolder()
      for (const delay of delays(test, 10)) {
        const acknowledged = await killAfter(folder.file, mode, delay)
        await using store = await openSqliteStore({ file: folder.file })
        await check(store, acknowledged)
      }
    })
  }
})

describe('a SQLite store whose write-ahead log is cut off', () => {
  it('has the first so many commits, each whole', async (test) => {
    await using folder = await openTestFolder()
    await killAfter(folder.file, 'keep', 30)
    const log = await readFile(`${folder.file}-wal`)
    for (const part of delays(test, 12)) {
      const copy = join(folder.path, `copy-${part}.db`)
      await copyFile(folder.file, copy)
      await writeFile(`${copy}-wal`, log.subarray(0, Math.floor((log.length * part) / 80)))
      await using store = await openSqliteStore({ file: copy })
      await check(store, [])
    }
  })
})

/** Numbers from 0 to 80; the seed is printed. */
function delays(test: TestContext, count: number): number[] {
  const seed = Number(process.env.FAST_CHECK_SEED ?? Math.floor(Math.random() * 2 ** 31))
  test.diagnostic(`seed ${seed} (FAST_CHECK_SEED)`)
  return fc.sample(fc.integer({ min: 0, max: 80 }), { seed, numRuns: count })
}

/** Lets the child write for so many milliseconds after its first acknowledgement; resolves to all that it said. */
async function killAfter(file: string, mode: string, delay: number): Promise<Acknowledged[]> {
  const process_ = spawn(process.execPath, [child, file, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  process_.stdout.on('data', (data) => {
    said += data
  })
  const closed = once(process_, 'close')
  await once(process_.stdout, 'data')
  await pause(delay)
  process_.kill('SIGKILL')
  const [code, signal] = await closed
  assert.deepEqual([code, signal], [null, 'SIGKILL'])
  // A line without its end was cut off by the kill.
  return said
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [writer = '', count, revision] = line.split(' ')
      return { writer, count: Number(count), revision: Number(revision) }
    })
}

async function check(store: Store, acknowledged: Acknowledged[]): Promise<void> {
  for (const { writer, count, revision } of acknowledged) {
    assert.ok(revision <= store.revision())
    assert.equal((await store.get(`new/${writer}/${count}`))?.revision, revision)
  }
  for (const writer of ['0', '1', '2', '3']) {
    const [a, b] = await store.getMany([`w/${writer}/a`, `w/${writer}/b`])
    const count = Number(text(a?.value) ?? 0)
    assert.equal(a?.revision, b?.revision)
    assert.equal(Number.parseInt(text(b?.value) ?? '0', 10), count)
    assert.equal((await store.list(`new/${writer}/`)).entries.length, count)
    if (count > 0) assert.equal((await store.get(`new/${writer}/${count}`))?.revision, a?.revision)
  }
  await checkLog(store)
}

/** Every revision that is kept has its three events, and a new commit comes after them. */
async function checkLog(store: Store): Promise<void> {
  const kept = store.revision() - store.compacted()
  const events = await take(store, '', store.compacted(), kept * 3)
  for (const [at, event] of events.entries()) {
    assert.equal(event.revision, store.compacted() + 1 + Math.floor(at / 3))
    assert.equal(
      Number.parseInt(text(event.value) ?? '', 10),
      Number.parseInt(text(events[at - (at % 3)]?.value) ?? '', 10),
    )
  }
  const before = store.revision()
  // An expectation that fails: the check leaves no trace for the next round.
  await assert.rejects(store.commit([put('check', 'x', before + 1)]))
}
