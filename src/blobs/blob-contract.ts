import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { describe, it } from 'node:test'
import { DigestMismatchError } from './blobs.ts'
import {
  absent,
  broken,
  type ContractSubject,
  contentOf,
  digestOf,
  listed,
  pieces,
} from './contract-parts.ts'
import { receiveContract } from './receive-contract.ts'
import { trashContract } from './trash-contract.ts'
import { uploadContract } from './upload-contract.ts'

export { type ContractSubject, digestOf } from './contract-parts.ts'

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

  receiveContract(name, open)
  trashContract(name, open)
  uploadContract(name, open)
}
