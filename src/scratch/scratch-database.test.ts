import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { promisify } from 'node:util'
import { openScratch, type Place, type Scratch, scratchKey, whereThereIsRoom } from './index.ts'

it('a name and its key are one, for digests and for other names', () => {
  using scratch = openScratch({
    schema: 'CREATE TABLE names (name PRIMARY KEY, number INTEGER) WITHOUT ROWID',
  })
  const hex = randomBytes(32).toString('hex')
  const names = [
    `sha256:${hex}`,
    `sha512:${hex}`,
    hex,
    `sha256:${hex.toUpperCase()}A`,
    `sha256:${hex} `,
    '',
    'ü',
  ]
  const insert = scratch.db.prepare('INSERT INTO names VALUES (?, ?)')
  for (const [number, name] of names.entries()) insert.run(scratchKey(name), number)
  const find = scratch.db.prepare('SELECT number FROM names WHERE name = ?')
  for (const [number, name] of names.entries()) assert.deepEqual(find.get(scratchKey(name)), [number])
  const count = scratch.db.prepare('SELECT count(*) FROM names WHERE typeof(name) = ?')
  assert.deepEqual(count.get('blob'), [1])
})

it('fails always once it has failed', () => {
  using scratch = openScratch({ schema: 'CREATE TABLE t (x)' })
  assert.equal(
    scratch.attempt(() => 1),
    1,
  )
  const failed = {
    name: 'ScratchError',
    message: 'a temporary file cannot be used: no; SQLITE_TMPDIR may name a folder with more room',
  }
  assert.throws(
    () =>
      scratch.attempt(() => {
        throw new Error('no')
      }),
    failed,
  )
  assert.throws(() => scratch.attempt(() => 1), failed)
})

it('is used in memory where a file has no room, and other failures are told', async () => {
  const fill = (scratch: Scratch) => {
    const insert = scratch.db.prepare('INSERT INTO t VALUES (?)')
    for (let n = 0; n < 100; n++) scratch.attempt(() => insert.run('x'.repeat(1000)))
  }
  const places: Place[] = []
  const count = await whereThereIsRoom(async (place) => {
    places.push(place)
    // Only what is in a file finds no room here.
    const room = place === 'file' ? { mostPages: 10 } : {}
    using scratch = openScratch({ schema: 'CREATE TABLE t (x)', place, ...room })
    fill(scratch)
    return scratch.db.prepare('SELECT count(*) FROM t').get()
  })
  assert.deepEqual([count, places], [[100], ['file', 'memory']])
  const wrong = whereThereIsRoom(async (place) => {
    places.push(place)
    throw new Error('another')
  })
  await assert.rejects(wrong, /another/)
  assert.deepEqual(places.slice(2), ['file'])
})

it('is in the folder that the process names before it first uses SQLite, without a name there, or in none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-scratch-'))
  try {
    const script = `
      process.env.SQLITE_TMPDIR ??= ${JSON.stringify(folder)}
      const { openScratch } = await import(${JSON.stringify(join(import.meta.dirname, 'index.ts'))})
      const scratch = openScratch({ schema: 'CREATE TABLE t (x)', cache: 64, place: process.argv[1] })
      const insert = scratch.db.prepare('INSERT INTO t VALUES (?)')
      for (let n = 0; n < 1000; n++) insert.run('x'.repeat(1000))
      const { readdirSync, readlinkSync } = await import('node:fs')
      for (const fd of readdirSync('/proc/self/fd')) {
        try { console.log(readlinkSync('/proc/self/fd/' + fd)) } catch {}
      }
    `
    const { SQLITE_TMPDIR: _, ...env } = process.env
    const filesOf = async (place: Place): Promise<string[]> => {
      const args = ['--input-type=module', '-e', script, place]
      const { stdout } = await promisify(execFile)(process.execPath, args, { env })
      return stdout.split('\n').filter((file) => file.startsWith(folder))
    }
    assert.deepEqual(await filesOf('memory'), [])
    const files = await filesOf('file')
    assert.equal(files.length, 1, `${files}`)
    assert.match(files[0] ?? '', / \(deleted\)$/)
    assert.deepEqual(await readdir(folder), [])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
