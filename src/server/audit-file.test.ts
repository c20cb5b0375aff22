import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type AuditFileOptions, openAuditFile } from './audit-file.ts'
import { StartError } from './start-error.ts'

async function withFolder(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-audit-'))
  try {
    await run(dir)
  } finally {
    await rm(dir, { recursive: true })
  }
}

function optionsFor(path: string): AuditFileOptions {
  let time = Date.UTC(2026, 4, 6, 12)
  const fail = (error: unknown) => assert.fail(String(error))
  return { path, maxSize: 1000, maxBackups: 2, clock: () => new Date(time++), onError: fail }
}

describe('openAuditFile()', () => {
  it('appends lines in order, for its owner alone, over a restart', () =>
    withFolder(async (dir) => {
      const path = join(dir, 'audit.log')
      for (const start of [0, 10]) {
        await using file = await openAuditFile(optionsFor(path))
        for (let i = start; i < start + 10; i++) file.write(`${i}\n`)
      }
      assert.equal(await readFile(path, 'utf8'), Array.from({ length: 20 }, (_, i) => `${i}\n`).join(''))
      assert.equal((await stat(path)).mode & 0o777, 0o600)
    }))

  it('ends a line that a crash cut short', () =>
    withFolder(async (dir) => {
      const path = join(dir, 'audit.log')
      await appendFile(path, '{"whole":1}\n{"cut')
      {
        await using file = await openAuditFile(optionsFor(path))
        file.write('{"next":1}\n')
      }
      assert.equal(await readFile(path, 'utf8'), '{"whole":1}\n{"cut\n{"next":1}\n')
    }))

  it('puts a full file aside and keeps so many of those', () =>
    withFolder(async (dir) => {
      const path = join(dir, 'audit.log')
      const line = `${'x'.repeat(399)}\n`
      for (let batch = 0; batch < 5; batch++) {
        await using file = await openAuditFile({
          ...optionsFor(path),
          clock: () => new Date(Date.UTC(2026, 4, 6, batch)),
        })
        file.write(line)
        file.write(line)
      }
      assert.deepEqual((await readdir(dir)).sort(), [
        'audit-20260506T030000.000Z.log',
        'audit-20260506T040000.000Z.log',
        'audit.log',
      ])
      for (const name of await readdir(dir))
        assert.equal(await readFile(join(dir, name), 'utf8'), line + line)
    }))

  it('reports what a full disk loses and goes on', async () => {
    const lost: number[] = []
    await using file = await openAuditFile({
      ...optionsFor('/dev/full'),
      onError: (error, count) => {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
        lost.push(count)
      },
    })
    file.write('a\n')
    file.write('b\n')
    while (lost.length === 0) await new Promise(setImmediate)
    file.write('c\n')
    while (lost.length === 1) await new Promise(setImmediate)
    assert.deepEqual(lost, [2, 1])
  })

  it('refuses in one line a path that cannot be written', async () => {
    await assert.rejects(openAuditFile(optionsFor('/no/such/folder/audit.log')), (error) => {
      assert(error instanceof StartError)
      assert.match(error.message, /^cannot write the audit file \/no\/such\/folder\/audit\.log: ENOENT/)
      return true
    })
  })
})
