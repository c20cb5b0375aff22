import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import type { BlobStore, DiscardedBlob } from './blobs.ts'
import { absent, type ContractSubject, contentOf, digestOf, listed, pieces } from './contract-parts.ts'

async function discardedIn({ trash }: BlobStore): Promise<DiscardedBlob[]> {
  return Array.fromAsync(trash.list())
}

/** What every engine of {@link BlobTrash} promises. */
export function trashContract(name: string, open: () => Promise<ContractSubject>): void {
  describe(`${name}: trash`, () => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      it(`discard() takes a ${algorithm} blob out of sight and restore() brings it back`, async () => {
        await using subject = await open()
        const { blobs } = subject
        const bytes = randomBytes(3000)
        const digest = digestOf(bytes, algorithm)
        await blobs.put(digest, bytes)
        assert.deepEqual(await blobs.trash.discard(digest), { digest, size: 3000 })
        assert.equal(await blobs.stat(digest), undefined)
        assert.equal(await blobs.open(digest), undefined)
        assert.deepEqual(await listed(blobs), new Map())
        assert.equal((await blobs.trash.stat(digest))?.size, 3000)
        const opened = await blobs.trash.open(digest)
        assert.deepEqual(opened && (await buffer(opened.stream)), bytes)
        assert.deepEqual(
          (await discardedIn(blobs)).map((each) => each.digest),
          [digest],
        )
        assert.deepEqual(await blobs.trash.restore(digest), { digest, size: 3000 })
        assert.deepEqual(await contentOf(blobs, digest), new Uint8Array(bytes))
        assert.equal(await blobs.trash.open(digest), undefined)
        assert.deepEqual(await discardedIn(blobs), [])
        assert.deepEqual(await subject.residue(), [])
      })
    }

    it('outlives a restart, and so does what came back', async () => {
      await using subject = await open()
      const bytes = randomBytes(3000)
      const digest = digestOf(bytes)
      await subject.blobs.put(digest, bytes)
      await subject.blobs.trash.discard(digest)
      const again = await subject.reopen()
      await again.sweep()
      assert.equal(await again.stat(digest), undefined)
      assert.deepEqual(await again.trash.restore(digest), { digest, size: 3000 })
      const third = await subject.reopen()
      assert.deepEqual(await contentOf(third, digest), new Uint8Array(bytes))
    })

    it('delete() removes for good, once', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(10)
      const digest = digestOf(bytes)
      await blobs.put(digest, bytes)
      await blobs.trash.discard(digest)
      assert.equal(await blobs.trash.delete(digest), true)
      assert.equal(await blobs.trash.delete(digest), false)
      assert.equal(await blobs.trash.restore(digest), undefined)
      assert.deepEqual(await subject.residue(), [])
    })

    it('says of what is not there that it is not', async () => {
      await using subject = await open()
      const { trash } = subject.blobs
      assert.equal(await trash.discard(absent), undefined)
      assert.equal(await trash.restore(absent), undefined)
      assert.equal(await trash.stat(absent), undefined)
      assert.equal(await trash.delete(absent), false)
    })

    it('a reader that has it open finishes undisturbed', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(2_000_000)
      const digest = digestOf(bytes)
      await blobs.put(digest, bytes)
      const opened = await blobs.open(digest)
      await blobs.trash.discard(digest)
      await blobs.trash.delete(digest)
      const chunks = await Array.fromAsync(opened?.stream ?? [])
      assert.equal(digestOf(Buffer.concat(chunks as Uint8Array[])), digest)
    })

    it('what is stored anew meanwhile stays, whatever becomes of the discarded copy', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(3000)
      const digest = digestOf(bytes)
      for (const end of ['restore', 'delete', 'discard'] as const) {
        await blobs.put(digest, bytes)
        await blobs.trash.discard(digest)
        await blobs.put(digest, pieces(bytes))
        await blobs.trash[end](digest)
        const isThere = end !== 'discard'
        assert.equal((await blobs.stat(digest)) !== undefined, isThere, end)
      }
      assert.equal((await discardedIn(blobs)).length, 1)
    })

    it('discarding, restoring and storing the same digest never leave half a blob', async () => {
      await using subject = await open()
      const { blobs } = subject
      const bytes = randomBytes(5000)
      const digest = digestOf(bytes)
      await blobs.put(digest, bytes)
      for (let round = 0; round < 20; round++) {
        await Promise.all([
          blobs.trash.discard(digest),
          blobs.put(digest, pieces(bytes)),
          blobs.trash.restore(digest),
          blobs.trash.discard(digest),
        ])
        const content = await contentOf(blobs, digest)
        if (content === undefined) assert.notEqual(await blobs.trash.stat(digest), undefined)
        else assert.equal(digestOf(content), digest)
      }
    })

    it('digests() names every blob', async () => {
      await using subject = await open()
      const { blobs } = subject
      const digests = await Promise.all(
        ['a', 'b', 'c'].map(
          async (text) => (await blobs.put(digestOf(Buffer.from(text)), Buffer.from(text))).digest,
        ),
      )
      const [first, ...rest] = digests
      await blobs.trash.discard(first as never)
      const named = await Array.fromAsync(blobs.digests())
      for (const digest of rest) assert(named.includes(digest))
      await blobs.trash.delete(first as never)
      assert.deepEqual((await Array.fromAsync(blobs.digests())).sort(), rest.sort())
    })
  })
}
