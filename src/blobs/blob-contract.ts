import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Digest, DigestAlgorithm } from '../oci/digest.ts'
import type { BlobStore } from './blobs.ts'
import { DigestMismatchError, OffsetError, UploadUnknownError } from './blobs.ts'

/** One engine, empty at first, that can be closed and opened again over what it holds. */
export interface ContractSubject extends AsyncDisposable {
  blobs: BlobStore
  reopen(): Promise<BlobStore>
  /** Whatever lies in the storage that is neither a blob nor a session, by name. */
  residue(): Promise<string[]>
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest
}

async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function* broken(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes)
  throw new Error('the line is dead')
}

async function contentOf(blobs: BlobStore, digest: Digest): Promise<Uint8Array | undefined> {
  const opened = await blobs.open(digest)
  return opened === undefined ? undefined : new Uint8Array(await buffer(opened.stream))
}

async function listed(blobs: BlobStore): Promise<Map<Digest, number>> {
  const found = new Map<Digest, number>()
  for await (const { digest, size } of blobs.list()) found.set(digest, size)
  return found
}

/** Takes its time over each chunk, and keeps a copy of it. */
class CopyingSink extends Writable {
  readonly chunks: Uint8Array[] = []
  onChunk: () => void = () => undefined

  override _write(chunk: Uint8Array, _encoding: string, callback: () => void): void {
    setImmediate(() => {
      this.chunks.push(Uint8Array.from(chunk))
      this.onChunk()
      callback()
    })
  }
}

const absent = digestOf(Buffer.from('nobody stored this'))

/** What every engine of {@link BlobStore} promises; each sentence of the interface is a test. */
export function blobContract(name: string, open: () => Promise<ContractSubject>): void {
  describe(`${name}: whole blobs`, () => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      it(`put() stores under ${algorithm}, and stat, open, read and list see it`, async () => {
        await using subject = await open()
        const { blobs } = subject
        const bytes = randomBytes(5000)
        const digest = digestOf(bytes, algorithm)
        assert.deepEqual(await blobs.put(digest, pieces(bytes)), { digest, size: 5000 })
        assert.deepEqual(await blobs.stat(digest), { digest, size: 5000 })
        assert.deepEqual(await contentOf(blobs, digest), new Uint8Array(bytes))
        assert.deepEqual(Buffer.from((await blobs.read(digest, 5000)) as Uint8Array), bytes)
        assert.deepEqual(await listed(blobs), new Map([[digest, 5000]]))
      })
    }

    it('put() takes bytes in one piece, and the empty blob in either form', async () => {
      await using subject = await open()
      const { blobs } = subject
      const empty = new Uint8Array(0)
      const text = Buffer.from('{}')
      await blobs.put(digestOf(text), text)
      await blobs.put(digestOf(empty), empty)
      await blobs.put(digestOf(empty, 'sha512'), pieces(empty))
      assert.deepEqual(await contentOf(blobs, digestOf(text)), new Uint8Array(text))
      assert.deepEqual(await contentOf(blobs, digestOf(empty)), empty)
      assert.equal((await blobs.stat(digestOf(empty, 'sha512')))?.size, 0)
    })

    it('put() is idempotent', async () => {
      await using subject = await open()
      const bytes = randomBytes(100)
      const first = await subject.blobs.put(digestOf(bytes), pieces(bytes))
      assert.deepEqual(await subject.blobs.put(digestOf(bytes), pieces(bytes)), first)
      assert.deepEqual(await subject.blobs.put(digestOf(bytes), bytes), first)
      assert.deepEqual(await subject.residue(), [])
    })

    it('put() of other bytes throws DigestMismatchError with both digests and keeps nothing', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(3000)
      for (const body of [bytes, pieces(bytes)]) {
        await assert.rejects(blobs.put(absent, body), (error) => {
          assert.ok(error instanceof DigestMismatchError)
          assert.deepEqual([error.claimed, error.actual], [absent, digestOf(bytes)])
          return true
        })
      }
      assert.equal(await blobs.stat(absent), undefined)
      assert.equal(await blobs.stat(digestOf(bytes)), undefined)
      assert.deepEqual(await subject.residue(), [])
    })

    it('put() of a body that breaks off throws its error and keeps nothing', async () => {
      await using subject = await open()
      const bytes = randomBytes(3000)
      await assert.rejects(subject.blobs.put(digestOf(bytes), broken(bytes)), /the line is dead/)
      assert.deepEqual(await listed(subject.blobs), new Map())
      assert.deepEqual(await subject.residue(), [])
    })

    it('a blob is not visible before it is whole', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(2000)
      const seen: unknown[] = []
      async function* watched(): AsyncGenerator<Uint8Array> {
        for await (const piece of pieces(bytes)) {
          yield piece
          seen.push(await blobs.stat(digestOf(bytes)), (await listed(blobs)).size)
        }
      }
      await blobs.put(digestOf(bytes), watched())
      assert.deepEqual(seen, [undefined, 0, undefined, 0])
    })

    it('stat, open, read and delete know nothing of a blob that is not there', async () => {
      await using subject = await open()
      const { blobs } = subject
      assert.equal(await blobs.stat(absent), undefined)
      assert.equal(await blobs.open(absent), undefined)
      assert.equal(await blobs.read(absent, 10), undefined)
      assert.equal(await blobs.delete(absent), false)
    })

    it('read() refuses more than the limit', async () => {
      await using subject = await open()
      const bytes = randomBytes(11)
      await subject.blobs.put(digestOf(bytes), bytes)
      await assert.rejects(subject.blobs.read(digestOf(bytes), 10), RangeError)
    })

    it('open() gives the size of the blob and the bytes of the range, both ends inclusive', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(2048)
      const digest = digestOf(bytes)
      await blobs.put(digest, bytes)
      for (const range of [
        { start: 0, end: 0 },
        { start: 500, end: 1499 },
        { start: 2047, end: 2047 },
      ]) {
        const opened = await blobs.open(digest, range)
        assert.equal(opened?.size, 2048)
        assert.deepEqual(
          await buffer(opened?.stream as NodeJS.ReadableStream),
          bytes.subarray(range.start, range.end + 1),
        )
      }
      for (const range of [
        { start: 0, end: 2048 },
        { start: 2, end: 1 },
      ]) {
        await assert.rejects(blobs.open(digest, range), RangeError)
      }
    })

    it('sendTo() writes the same bytes and ends the sink', async () => {
      await using subject = await open()
      const { blobs } = subject
      for (const size of [0, 10, 3_000_000]) {
        const bytes = randomBytes(size)
        const digest = digestOf(bytes)
        await blobs.put(digest, bytes)
        const ranges = size === 0 ? [undefined] : [undefined, { start: 1, end: size - 2 }]
        for (const range of ranges) {
          const sink = new CopyingSink()
          const opened = await blobs.open(digest, range)
          await opened?.sendTo(sink)
          await finished(sink)
          const expected = range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)
          assert.ok(Buffer.concat(sink.chunks).equals(expected))
        }
      }
    })

    it('sendTo() rejects when the sink goes away half-way', async () => {
      await using subject = await open()
      const bytes = randomBytes(3_000_000)
      await subject.blobs.put(digestOf(bytes), bytes)
      for (const how of ['destroy', 'fail'] as const) {
        const sink = new CopyingSink()
        sink.on('error', () => undefined)
        sink.onChunk = () => void sink.destroy(how === 'fail' ? new Error('no more') : undefined)
        const opened = await subject.blobs.open(digestOf(bytes))
        await assert.rejects(opened?.sendTo(sink) as Promise<void>)
      }
    })

    it('delete() removes the data; who has it open finishes undisturbed', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(3 << 20)
      const digest = digestOf(bytes)
      await blobs.put(digest, pieces(bytes, 1 << 18))
      const opened = await blobs.open(digest)
      assert.equal(await blobs.delete(digest), true)
      assert.equal(await blobs.stat(digest), undefined)
      assert.equal(await blobs.delete(digest), false)
      assert.equal(digestOf(await buffer(opened?.stream as NodeJS.ReadableStream)), digest)
      assert.deepEqual(await subject.residue(), [])
      await blobs.put(digest, bytes)
      assert.equal((await blobs.stat(digest))?.size, bytes.length)
    })

    it('list() names when each blob was stored', async () => {
      await using subject = await open()
      await subject.blobs.put(digestOf(Buffer.from('x')), Buffer.from('x'))
      for await (const { modified } of subject.blobs.list()) assert.ok(modified instanceof Date)
    })

    it('writers of the same digest all succeed', async () => {
      await using subject = await open()
      const bytes = randomBytes(200_000)
      const digest = digestOf(bytes)
      await Promise.all(Array.from({ length: 8 }, () => subject.blobs.put(digest, pieces(bytes))))
      assert.deepEqual(await listed(subject.blobs), new Map([[digest, bytes.length]]))
      assert.deepEqual(await subject.residue(), [])
    })

    it('writers and deleters of the same digest never leave half a blob', async () => {
      await using subject = await open()
      const bytes = randomBytes(5000)
      const digest = digestOf(bytes)
      for (let round = 0; round < 10; round++) {
        await Promise.all([
          subject.blobs.put(digest, pieces(bytes)),
          subject.blobs.delete(digest),
          subject.blobs.put(digest, pieces(bytes)),
          subject.blobs.delete(digest),
        ])
        const content = await contentOf(subject.blobs, digest)
        if (content !== undefined) assert.equal(digestOf(content), digest)
      }
    })
  })

  uploadContract(name, open)
}

function uploadContract(name: string, open: () => Promise<ContractSubject>): void {
  describe(`${name}: upload sessions`, () => {
    it('start() makes a session at offset 0 that keeps its owner', async () => {
      await using subject = await open()
      const { uploads } = subject.blobs
      const started = await uploads.start('sha256', 'team/app alice')
      assert.equal(started.offset, 0)
      assert.equal(started.owner, 'team/app alice')
      assert.ok(started.startedAt instanceof Date)
      assert.deepEqual(await uploads.stat(started.id), started)
      assert.equal((await uploads.start()).owner, '')
    })

    for (const announced of [undefined, 'sha256', 'sha512'] as const) {
      for (const algorithm of ['sha256', 'sha512'] as const) {
        it(`finish() makes a ${algorithm} blob of a session started with ${announced ?? 'none'}`, async () => {
          await using subject = await open()
          const { blobs } = subject
          const bytes = randomBytes(10_000)
          const digest = digestOf(bytes, algorithm)
          const { id } = await blobs.uploads.start(announced)
          assert.equal((await blobs.uploads.append(id, 0, pieces(bytes.subarray(0, 4000)))).offset, 4000)
          assert.equal((await blobs.uploads.append(id, 4000, pieces(bytes.subarray(4000)))).offset, 10_000)
          assert.equal(await blobs.stat(digest), undefined)
          assert.deepEqual(await blobs.uploads.finish(id, digest), { digest, size: 10_000 })
          assert.deepEqual(await contentOf(blobs, digest), new Uint8Array(bytes))
          await assert.rejects(blobs.uploads.stat(id), UploadUnknownError)
          assert.deepEqual(await subject.residue(), [])
        })
      }
    }

    it('a session without a byte finishes as the empty blob', async () => {
      await using subject = await open()
      const { id } = await subject.blobs.uploads.start()
      const digest = digestOf(new Uint8Array(0))
      assert.deepEqual(await subject.blobs.uploads.finish(id, digest), { digest, size: 0 })
      assert.deepEqual(await contentOf(subject.blobs, digest), new Uint8Array(0))
    })

    it('append() at another offset throws OffsetError with both and writes nothing', async () => {
      await using subject = await open()
      const { uploads } = subject.blobs
      const bytes = randomBytes(50)
      const { id } = await uploads.start()
      await uploads.append(id, 0, pieces(bytes.subarray(0, 20)))
      for (const asked of [0, 19, 21, 1000]) {
        await assert.rejects(uploads.append(id, asked, pieces(randomBytes(9))), (error) => {
          assert.ok(error instanceof OffsetError)
          assert.deepEqual([error.asked, error.offset], [asked, 20])
          return true
        })
      }
      await uploads.append(id, 20, pieces(bytes.subarray(20)))
      await uploads.finish(id, digestOf(bytes))
    })

    it('of two writers at one offset the loser gets OffsetError', async () => {
      await using subject = await open()
      const { uploads } = subject.blobs
      const { id } = await uploads.start()
      const bodies = [randomBytes(2000), randomBytes(2000)]
      const results = await Promise.allSettled(bodies.map((body) => uploads.append(id, 0, pieces(body, 100))))
      const lost = results.filter((result) => result.status === 'rejected')
      assert.equal(lost.length, 1)
      assert.ok(lost[0]?.reason instanceof OffsetError)
      const winner = bodies[results.findIndex((result) => result.status === 'fulfilled')] as Uint8Array
      await uploads.finish(id, digestOf(winner))
    })

    it('what arrived of a body that breaks off is kept, and the body’s error thrown', async () => {
      await using subject = await open()
      const bytes = randomBytes(5000)
      const { id } = await subject.blobs.uploads.start()
      await assert.rejects(
        subject.blobs.uploads.append(id, 0, broken(bytes.subarray(0, 3000))),
        /line is dead/,
      )
      assert.equal((await subject.blobs.uploads.stat(id)).offset, 3000)
      const { uploads } = await subject.reopen()
      assert.equal((await uploads.stat(id)).offset, 3000)
      await uploads.append(id, 3000, pieces(bytes.subarray(3000)))
      await uploads.finish(id, digestOf(bytes))
    })

    it('sessions outlive a restart with owner, start and offset', async () => {
      await using subject = await open()
      const bytes = randomBytes(4000)
      const started = await subject.blobs.uploads.start('sha512', 'me')
      await subject.blobs.uploads.append(started.id, 0, pieces(bytes.subarray(0, 1500)))
      const again = await subject.reopen()
      assert.deepEqual(await again.uploads.stat(started.id), { ...started, offset: 1500 })
      await again.uploads.append(started.id, 1500, pieces(bytes.subarray(1500)))
      await again.uploads.finish(started.id, digestOf(bytes, 'sha512'))
      assert.deepEqual(await contentOf(again, digestOf(bytes, 'sha512')), new Uint8Array(bytes))
    })

    it('finish() with another digest throws DigestMismatchError and discards the bytes', async () => {
      await using subject = await open()
      const { blobs } = subject
      const { id } = await blobs.uploads.start()
      await blobs.uploads.append(id, 0, pieces(randomBytes(10)))
      await assert.rejects(blobs.uploads.finish(id, absent), DigestMismatchError)
      await assert.rejects(blobs.uploads.stat(id), UploadUnknownError)
      assert.deepEqual(await listed(blobs), new Map())
      assert.deepEqual(await subject.residue(), [])
    })

    it('finish() is idempotent where the blob exists already', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(999)
      await blobs.put(digestOf(bytes), bytes)
      const { id } = await blobs.uploads.start()
      await blobs.uploads.append(id, 0, pieces(bytes))
      assert.deepEqual(await blobs.uploads.finish(id, digestOf(bytes)), {
        digest: digestOf(bytes),
        size: 999,
      })
      assert.deepEqual(await subject.residue(), [])
    })

    it('cancel() ends a session', async () => {
      await using subject = await open()
      const { uploads } = subject.blobs
      const { id } = await uploads.start()
      await uploads.append(id, 0, pieces(randomBytes(10)))
      await uploads.cancel(id)
      await assert.rejects(uploads.stat(id), UploadUnknownError)
      await assert.rejects(uploads.append(id, 10, pieces(randomBytes(1))), UploadUnknownError)
      await assert.rejects(uploads.cancel(id), UploadUnknownError)
      assert.deepEqual(await subject.residue(), [])
    })

    it('no id but its own reaches a session, whatever it looks like', async () => {
      await using subject = await open()
      const { uploads } = subject.blobs
      const { id } = await uploads.start()
      const strange = [
        '',
        '.',
        '..',
        `../uploads/${id}`,
        `${id}/`,
        `${id}/../${id}`,
        id.toUpperCase(),
        `${id}\0`,
      ]
      for (const other of [...strange, '00000000-0000-4000-8000-000000000000']) {
        if (other === id) continue
        await assert.rejects(uploads.stat(other), UploadUnknownError)
        await assert.rejects(uploads.append(other, 0, pieces(randomBytes(1))), UploadUnknownError)
        await assert.rejects(uploads.finish(other, absent), UploadUnknownError)
        await assert.rejects(uploads.cancel(other), UploadUnknownError)
      }
      assert.equal((await uploads.stat(id)).offset, 0)
    })

    it('purge() drops sessions not touched since, and only those', async () => {
      await using subject = await open()
      const { uploads } = subject.blobs
      const one = await uploads.start()
      await uploads.append(one.id, 0, pieces(randomBytes(10)))
      assert.equal(await uploads.purge(new Date(Date.now() - 3_600_000)), 0)
      assert.equal((await uploads.stat(one.id)).offset, 10)
      assert.equal(await uploads.purge(new Date(Date.now() + 3_600_000)), 1)
      await assert.rejects(uploads.stat(one.id), UploadUnknownError)
      assert.equal(await (await subject.reopen()).uploads.purge(new Date(Date.now() + 3_600_000)), 0)
    })

    it('sweep() leaves blobs, sessions and writers alone', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(5000)
      const kept = await blobs.uploads.start()
      await blobs.uploads.append(kept.id, 0, pieces(bytes))
      async function* sweeping(): AsyncGenerator<Uint8Array> {
        for await (const piece of pieces(bytes)) {
          yield piece
          assert.equal(await blobs.sweep(), 0)
        }
      }
      await blobs.put(digestOf(bytes), sweeping())
      const again = await subject.reopen()
      assert.equal(await again.sweep(), 0)
      assert.equal((await again.uploads.stat(kept.id)).offset, 5000)
      assert.deepEqual(await contentOf(again, digestOf(bytes)), new Uint8Array(bytes))
    })

    it('any sequence of chunks, breaks and restarts gives the bytes that were sent', async () => {
      const step = fc.record({
        size: fc.integer({ min: 0, max: 70_000 }),
        how: fc.constantFrom('whole', 'broken', 'wrong-offset', 'restart'),
        piece: fc.integer({ min: 1, max: 30_000 }),
      })
      const algorithm = fc.constantFrom('sha256' as const, 'sha512' as const)
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 8 }), algorithm, async (steps, chosen) => {
          await using subject = await open()
          let blobs = subject.blobs
          const sent: Uint8Array[] = []
          let offset = 0
          const { id } = await blobs.uploads.start()
          for (const { size, how, piece } of steps) {
            if (how === 'restart') blobs = await subject.reopen()
            const bytes = randomBytes(size)
            if (how === 'wrong-offset') {
              await assert.rejects(blobs.uploads.append(id, offset + 1, pieces(bytes, piece)), OffsetError)
              continue
            }
            if (how === 'broken')
              await assert.rejects(blobs.uploads.append(id, offset, broken(bytes)), /dead/)
            else await blobs.uploads.append(id, offset, pieces(bytes, piece))
            sent.push(bytes)
            offset += size
            assert.equal((await blobs.uploads.stat(id)).offset, offset)
          }
          const all = Buffer.concat(sent)
          await blobs.uploads.finish(id, digestOf(all, chosen))
          assert.deepEqual(await contentOf(blobs, digestOf(all, chosen)), new Uint8Array(all))
          assert.deepEqual(await subject.residue(), [])
        }),
        { numRuns: 25 },
      )
    })
  })
}
