import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { describe, it } from 'node:test'
import type { BlobSender } from './blobs.ts'
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

/** A body that is given piece by piece. */
function openTap() {
  const queue: (Uint8Array | Error | undefined)[] = []
  let wake = (): void => undefined
  const give = (piece: Uint8Array | Error | undefined): void => {
    queue.push(piece)
    wake()
  }
  async function* body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (queue.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const piece = queue.shift()
      if (piece === undefined) return
      if (piece instanceof Error) throw piece
      yield piece
    }
  }
  return { body: body(), give, end: () => give(undefined) }
}

class Reader extends Writable {
  readonly chunks: Buffer[] = []
  length = 0
  readonly #wanted = new Map<number, () => void>()

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.chunks.push(Buffer.from(chunk))
    this.length += chunk.length
    for (const [length, resolve] of this.#wanted) if (this.length >= length) resolve()
    callback()
  }

  /** Resolves when so many bytes have come. */
  until(length: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.length >= length) resolve()
      else this.#wanted.set(length, resolve)
    })
  }
}

function read(sender: BlobSender | undefined): { sink: Reader; sent: Promise<void> } {
  const sink = new Reader()
  sink.on('error', () => undefined)
  const sent = sender?.sendTo(sink) ?? Promise.reject(new Error('nothing to send'))
  sent.catch(() => undefined)
  return { sink, sent }
}

/** What every engine promises of `receive`. */
export function receiveContract(name: string, open: () => Promise<ContractSubject>): void {
  describe(`${name}: blobs on their way in`, () => {
    it('receive() stores what arrives, and readers of the whole or a part read it meanwhile', async () => {
      await using subject = await open()
      const bytes = randomBytes(3_000_000)
      const digest = digestOf(bytes)
      const tap = openTap()
      const receiving = await subject.blobs.receive(digest, bytes.length, tap.body)
      const early = read(receiving.sender())
      tap.give(bytes.subarray(0, 1_000_000))
      await early.sink.until(1_000_000)
      assert.equal(receiving.received, 1_000_000)
      assert.equal(await subject.blobs.stat(digest), undefined)
      const late = read(receiving.sender())
      const part = read(receiving.sender({ start: 999_000, end: 2_000_000 }))
      tap.give(bytes.subarray(1_000_000))
      tap.end()
      assert.deepEqual(await receiving.done, { digest, size: bytes.length })
      await Promise.all([early, late, part].map(({ sent, sink }) => Promise.all([sent, finished(sink)])))
      assert.ok(Buffer.concat(early.sink.chunks).equals(bytes))
      assert.ok(Buffer.concat(late.sink.chunks).equals(bytes))
      assert.ok(Buffer.concat(part.sink.chunks).equals(bytes.subarray(999_000, 2_000_001)))
      assert.equal(digestOf((await contentOf(subject.blobs, digest)) ?? new Uint8Array()), digest)
      assert.deepEqual(await subject.residue(), [])
    })

    it('threat 4: other bytes than the digest says reach no reader whole, and nothing is kept', async () => {
      await using subject = await open()
      const bytes = randomBytes(100_000)
      for (const size of [bytes.length, bytes.length - 1, bytes.length + 1]) {
        const claimed = size === bytes.length ? absent : digestOf(bytes)
        const receiving = await subject.blobs.receive(claimed, size, pieces(bytes))
        const reader = read(receiving.sender())
        await assert.rejects(receiving.done, DigestMismatchError)
        await assert.rejects(reader.sent, DigestMismatchError)
        assert.ok(reader.sink.length < size)
        assert.equal(reader.sink.writableEnded, false)
      }
      assert.deepEqual(await listed(subject.blobs), new Map())
      assert.deepEqual(await subject.residue(), [])
    })

    it('a body that breaks off fails every reader, and nothing is kept', async () => {
      await using subject = await open()
      const bytes = randomBytes(3000)
      const receiving = await subject.blobs.receive(digestOf(bytes), 6000, broken(bytes))
      const readers = [read(receiving.sender()), read(receiving.sender({ start: 5999, end: 5999 }))]
      await assert.rejects(receiving.done, /the line is dead/)
      for (const { sent } of readers) await assert.rejects(sent, /the line is dead/)
      assert.deepEqual(await subject.residue(), [])
    })

    it('a reader that leaves, or does not read, holds up nobody', async () => {
      await using subject = await open()
      const bytes = randomBytes(2_000_000)
      const tap = openTap()
      const receiving = await subject.blobs.receive(digestOf(bytes), bytes.length, tap.body)
      const stuck = new Writable({ write: () => undefined })
      const waiting = receiving.sender()?.sendTo(stuck) ?? Promise.resolve()
      const leaving = read(receiving.sender())
      tap.give(bytes.subarray(0, 10_000))
      await leaving.sink.until(10_000)
      leaving.sink.destroy()
      const staying = read(receiving.sender())
      tap.give(bytes.subarray(10_000))
      tap.end()
      await receiving.done
      await staying.sent
      await assert.rejects(leaving.sent)
      assert.ok(Buffer.concat(staying.sink.chunks).equals(bytes))
      stuck.destroy()
      await assert.rejects(waiting)
      assert.equal(receiving.sender(), undefined)
    })

    it('the empty blob can be received', async () => {
      await using subject = await open()
      const empty = new Uint8Array(0)
      const receiving = await subject.blobs.receive(digestOf(empty), 0, pieces(empty))
      const reader = read(receiving.sender())
      await Promise.all([receiving.done, reader.sent])
      assert.equal((await subject.blobs.stat(digestOf(empty)))?.size, 0)
    })
  })
}
