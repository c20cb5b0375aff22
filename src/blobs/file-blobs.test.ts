import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { digestHex } from '../oci/digest.ts'
import { blobContract, type ContractSubject, digestOf } from './blob-contract.ts'
import { BlobStorageError, UploadUnknownError } from './blobs.ts'
import { pieces } from './contract-parts.ts'
import { openFileBlobs } from './file-blobs.ts'

const blobShape = /^blobs\/(sha256|sha512)\/([0-9a-f]{2})\/\2[0-9a-f]+\/data$/
const sessionShape = /^uploads\/[0-9a-f-]{36}\.sha(256|512)\.\d+\.[\w-]*$/

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function filesUnder(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
}

async function openFolder(): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-blobs-'))
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}

async function openSubject(): Promise<ContractSubject> {
  const folder = await openFolder()
  const open = () => openFileBlobs({ dir: folder.dir })
  return {
    blobs: await open(),
    reopen: open,
    async residue() {
      const names = await filesUnder(folder.dir)
      return names.filter((name) => !blobShape.test(name) && !sessionShape.test(name))
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

blobContract('files', openSubject)

describe('files: on the disk', () => {
  it('lays blobs out as docker distribution does', async () => {
    await using folder = await openFolder()
    await using blobs = await openFileBlobs(folder)
    const bytes = Buffer.from('hello blob')
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const digest = digestOf(bytes, algorithm)
      await blobs.put(digest, bytes)
      const hex = digestHex(digest)
      const path = join(folder.dir, 'blobs', algorithm, hex.slice(0, 2), hex, 'data')
      assert.deepEqual(await readFile(path), bytes)
    }
  })

  it('sweep() removes what crashes leave: temporary files, what is no session, empty folders', async () => {
    await using folder = await openFolder()
    await using blobs = await openFileBlobs(folder)
    await writeFile(join(folder.dir, 'tmp', 'half'), 'half a blob')
    await mkdir(join(folder.dir, 'uploads', '11111111-1111-4111-8111-111111111111'))
    await writeFile(join(folder.dir, 'uploads', '22222222-2222-4222-8222-222222222222.sha2'), 'of no session')
    const hex = digestHex(digestOf(Buffer.from('never renamed')))
    await mkdir(join(folder.dir, 'blobs', 'sha256', hex.slice(0, 2), hex), { recursive: true })
    const { id } = await blobs.uploads.start()
    assert.equal(await blobs.sweep(), 4)
    assert.equal(await blobs.sweep(), 0)
    assert.equal((await blobs.uploads.stat(id)).offset, 0)
    await assert.rejects(blobs.uploads.stat('22222222-2222-4222-8222-222222222222'), UploadUnknownError)
  })

  it('an upload is one file, which becomes the blob and leaves nothing behind', async () => {
    await using folder = await openFolder()
    await using blobs = await openFileBlobs(folder)
    const bytes = randomBytes(1000)
    const { id } = await blobs.uploads.start('sha256', 'team/app alice')
    await blobs.uploads.append(id, 0, pieces(bytes))
    const before = await filesUnder(folder.dir)
    assert.equal(before.length, 1)
    const { ino } = await stat(join(folder.dir, before[0]!))
    await blobs.uploads.finish(id, digestOf(bytes))
    const after = await filesUnder(folder.dir)
    assert.deepEqual(
      after.map((name) => blobShape.test(name)),
      [true],
    )
    assert.equal((await stat(join(folder.dir, after[0]!))).ino, ino)
    assert.deepEqual(await readdir(join(folder.dir, 'uploads')), [])
  })

  it('a full disk is a typed error, and the session goes on once there is room', async () => {
    await using folder = await openFolder()
    await using blobs = await openFileBlobs(folder)
    for (const size of [100, 3 << 20]) {
      const bytes = randomBytes(size)
      const { id } = await blobs.uploads.start()
      const [name = ''] = (await readdir(join(folder.dir, 'uploads'))).filter((each) => each.startsWith(id))
      const data = join(folder.dir, 'uploads', name)
      await rm(data)
      await symlink('/dev/full', data)
      await assert.rejects(blobs.uploads.append(id, 0, pieces(bytes, 100_000)), (error) => {
        assert.ok(error instanceof BlobStorageError)
        assert.equal(error.problem, 'full')
        return true
      })
      await rm(data)
      assert.equal((await blobs.uploads.stat(id)).offset, 0)
      await blobs.uploads.append(id, 0, pieces(bytes, 100_000))
      await blobs.uploads.finish(id, digestOf(bytes))
    }
  })

  it('a folder that cannot be written is a typed error', async () => {
    await assert.rejects(openFileBlobs({ dir: '/sys/weir-blobs' }), (error) => {
      assert.ok(error instanceof BlobStorageError)
      assert.equal(error.problem, 'read-only')
      return true
    })
  })

  it('an error of the body is never mistaken for one of the disk', async () => {
    await using folder = await openFolder()
    await using blobs = await openFileBlobs(folder)
    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    async function* body(): AsyncGenerator<Uint8Array> {
      yield randomBytes(10)
      throw reset
    }
    const { id } = await blobs.uploads.start()
    await assert.rejects(blobs.uploads.append(id, 0, body()), (error) => error === reset)
    await assert.rejects(blobs.put(digestOf(randomBytes(1)), body()), (error) => error === reset)
  })
})

/**
 * Uploads without end in a process of its own: prints `started <id>`, `at <offset>` after each acknowledged chunk and
 * `put <digest>` after each acknowledged blob. Chunk n of a session is filled with the byte n.
 */
const writer = `
import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openFileBlobs } from ${JSON.stringify(new URL('./file-blobs.ts', import.meta.url).href)}
const blobs = await openFileBlobs({ dir: process.argv[1] })
const say = (line) => writeSync(1, line + '\\n')
async function upload() {
  const { id } = await blobs.uploads.start()
  say('started ' + id)
  for (let n = 1, offset = 0; ; n++) {
    const chunk = Buffer.alloc(100_000, n % 256)
    async function* body() { for (let i = 0; i < 10; i++) yield chunk.subarray(i * 10_000, (i + 1) * 10_000) }
    offset = (await blobs.uploads.append(id, offset, body())).offset
    say('at ' + offset)
  }
}
async function put() {
  for (let n = 0; ; n++) {
    const bytes = Buffer.from('blob ' + n + ' of ' + process.pid)
    const digest = 'sha256:' + createHash('sha256').update(bytes).digest('hex')
    await blobs.put(digest, [bytes].values())
    say('put ' + digest)
  }
}
await Promise.all([upload(), put()])
`

async function killMidway(dir: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (piece: string) => {
    text += piece
    if (text.split('\n').length > lines) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.on('close', resolve))
  return text.split('\n').slice(0, -1)
}

describe('files: kill -9', () => {
  it('keeps every acknowledged byte and blob, over 20 rounds', async () => {
    await using folder = await openFolder()
    for (let round = 0; round < 20; round++) {
      const said = (await killMidway(folder.dir, 3 + round * 2)).map((line) => line.split(' '))
      await using blobs = await openFileBlobs(folder)
      for (const [word, digest] of said) {
        if (word !== 'put') continue
        const opened = await blobs.open(digest as never)
        assert.ok(opened, `acknowledged ${digest} is gone`)
        assert.equal(digestOf(await buffer(opened.stream)), digest)
      }
      for await (const { digest } of blobs.list()) {
        assert.equal(digestOf((await blobs.read(digest, 1 << 30)) as Uint8Array), digest)
      }
      const id = said.find(([word]) => word === 'started')?.[1] as string
      const acknowledged = Math.max(0, ...said.filter(([word]) => word === 'at').map(([, n]) => Number(n)))
      const { offset } = await blobs.uploads.stat(id)
      assert.ok(offset >= acknowledged, `${offset} bytes kept of ${acknowledged}`)
      await finishAndCompare(blobs, id, offset)
      await blobs.sweep()
    }
    const names = await filesUnder(folder.dir)
    assert.deepEqual(
      names.filter((name) => !blobShape.test(name)),
      [],
    )
  })
})

async function finishAndCompare(
  blobs: Awaited<ReturnType<typeof openFileBlobs>>,
  id: string,
  offset: number,
): Promise<void> {
  const whole = Buffer.alloc(Math.ceil(offset / 100_000) * 100_000)
  for (let at = 0; at < whole.length; at += 100_000) whole.fill((at / 100_000 + 1) % 256, at, at + 100_000)
  const rest = whole.subarray(offset)
  await blobs.uploads.append(id, offset, only(rest))
  await blobs.uploads.finish(id, digestOf(whole))
}
