import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DigestMismatchError, OffsetError, UploadUnknownError } from './blobs.ts'
import {
  absent,
  broken,
  type ContractSubject,
  contentOf,
  digestOf,
  listed,
  pieces,
} from './contract-parts.ts'

/** What every engine of {@link Uploads} promises. */
export function uploadContract(name: string, open: () => Promise<ContractSubject>): void {
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
      const longest = 'ä/…\n.'.repeat(11)
      assert.equal((await uploads.start('sha512', longest)).owner, longest)
      await assert.rejects(uploads.start('sha512', 'x'.repeat(101)), RangeError)
    })

    it('list() names every session that can be gone on with', async () => {
      await using subject = await open()
      const before = await subject.blobs.uploads.start('sha256', 'team/app alice')
      await subject.blobs.uploads.append(before.id, 0, pieces(randomBytes(10)))
      const { uploads } = await subject.reopen()
      const now = await uploads.start('sha256', 'team/web alice')
      const ended = await uploads.start()
      await uploads.cancel(ended.id)
      const found = new Map((await Array.fromAsync(uploads.list())).map((each) => [each.id, each]))
      assert.deepEqual([...found.keys()].sort(), [before.id, now.id].sort())
      assert.equal(found.get(before.id)?.owner, 'team/app alice')
      assert.equal(found.get(before.id)?.offset, 10)
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

    it('append() stores chunks whole whose memory it may give back, and leaves alone what others share', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(300_000)
      const own = [0, 1, 2].map((i) => Uint8Array.from(bytes.subarray(i * 65_536, (i + 1) * 65_536)))
      const shared = bytes.subarray(3 * 65_536)
      async function* body() {
        yield* own
        yield shared
      }
      const { id } = await blobs.uploads.start()
      await blobs.uploads.append(id, 0, body(), { ownsChunks: true })
      const digest = digestOf(bytes)
      assert.deepEqual(await blobs.uploads.finish(id, digest), { digest, size: 300_000 })
      assert.deepEqual(await contentOf(blobs, digest), new Uint8Array(bytes))
      assert.equal(shared.length, 300_000 - 3 * 65_536)
    })

    it('append() takes bodies of megabytes at once, in pieces of any size, over a restart too', async () => {
      await using subject = await open()
      const parts = [2_000_000, 3_000_000, 1_500_000].map((size) => randomBytes(size))
      const digest = digestOf(Buffer.concat(parts))
      const own = async function* (bytes: Uint8Array, size: number) {
        for await (const piece of pieces(bytes, size)) yield Uint8Array.from(piece)
      }
      const ids = await Promise.all(
        [1000, 40_000, 65_536, 1_000_000].map(async (size) => {
          const { id } = await subject.blobs.uploads.start()
          let offset = 0
          for (const part of parts.slice(0, 2)) {
            const options = { canWait: size > 50_000, ownsChunks: true }
            offset = (await subject.blobs.uploads.append(id, offset, own(part, size), options)).offset
          }
          return { id, offset, size }
        }),
      )
      const again = await subject.reopen()
      for (const [n, { id, offset, size }] of ids.entries()) {
        const { uploads } = n % 2 === 0 ? subject.blobs : again
        assert.equal((await uploads.append(id, offset, own(parts[2] as Uint8Array, size))).offset, 6_500_000)
        assert.deepEqual(await uploads.finish(id, digest), { digest, size: 6_500_000 })
        assert.equal(digestOf((await contentOf(again, digest)) as Uint8Array), digest)
        await again.delete(digest)
      }
    })

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
