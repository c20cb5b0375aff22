import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createHashThreads, type HashThreads } from './hash-threads.ts'

function openThreads(most = 2): HashThreads {
  const threads = createHashThreads(most)
  assert.ok(threads)
  return threads
}

async function openFile() {
  const path = join(tmpdir(), `weir-hash-${process.pid}-${randomBytes(4).toString('hex')}`)
  const file = await open(path, 'w')
  return {
    fd: file.fd,
    read: () => readFile(path),
    async [Symbol.asyncDispose]() {
      await file.close()
      await rm(path)
    },
  }
}

/** Copies: what is handed over is lost. */
const partsOf = (bytes: Buffer, size: number): Uint8Array<ArrayBuffer>[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    Uint8Array.from(bytes.subarray(n * size, (n + 1) * size)),
  )

const hexOf = (bytes: Uint8Array, algorithm = 'sha256'): string =>
  createHash(algorithm).update(bytes).digest('hex')

describe('threads that hash', () => {
  it('hash and write several bodies at once, each in its order', async () => {
    await using threads = openThreads()
    await Promise.all(
      Array.from({ length: 6 }, async (_, n) => {
        await using file = await openFile()
        const algorithm = n % 2 === 0 ? 'sha256' : 'sha512'
        const bytes = randomBytes(300_000 + n)
        const body = threads.open(algorithm)
        const parts = partsOf(bytes, 70_000)
        let position = 0
        const writes = parts.map((part) => {
          const at = position
          position += part.length
          return body.write(file.fd, at, [part])
        })
        await Promise.all(writes)
        assert.equal(await body.digest(), hexOf(bytes, algorithm))
        assert.deepEqual(await file.read(), bytes)
        body.close()
      }),
    )
  })

  it('digest() tells of everything so far, and more may follow', async () => {
    await using threads = openThreads()
    await using file = await openFile()
    const body = threads.open('sha256')
    assert.equal(await body.digest(), hexOf(Buffer.alloc(0)))
    const bytes = randomBytes(1000)
    await body.write(file.fd, 0, partsOf(bytes.subarray(0, 400), 400))
    assert.equal(await body.digest(), hexOf(bytes.subarray(0, 400)))
    await body.write(file.fd, 400, partsOf(bytes.subarray(400), 600))
    assert.equal(await body.digest(), hexOf(bytes))
  })

  it('take the parts they are given', async () => {
    await using threads = openThreads()
    await using file = await openFile()
    const [part] = partsOf(randomBytes(100), 100)
    const writing = threads.open('sha256').write(file.fd, 0, [part as Uint8Array<ArrayBuffer>])
    assert.equal(part?.length, 0)
    await writing
  })

  it('write nothing behind what could not be written', async () => {
    await using threads = openThreads()
    await using full = await open('/dev/full', 'w')
    await using file = await openFile()
    const body = threads.open('sha256')
    const first = body.write(full.fd, 0, partsOf(randomBytes(10), 10))
    const second = body.write(file.fd, 10, partsOf(randomBytes(10), 10))
    for (const work of [first, second]) {
      await assert.rejects(work, (error: NodeJS.ErrnoException) => error.code === 'ENOSPC')
    }
    assert.equal((await file.read()).length, 0)
    const other = threads.open('sha256')
    await other.write(file.fd, 0, partsOf(Buffer.from('fine'), 4))
    assert.equal((await file.read()).toString(), 'fine')
  })

  it('whoever waits when they are stopped is told', async () => {
    const threads = openThreads()
    await using file = await openFile()
    const body = threads.open('sha256')
    const work = body.write(file.fd, 0, partsOf(randomBytes(10), 10))
    await threads[Symbol.asyncDispose]()
    await assert.rejects(work, /stopped/)
    await assert.rejects(body.digest(), /stopped/)
  })

  it('there are none on one core', () => {
    assert.equal(createHashThreads(1), undefined)
  })
})
