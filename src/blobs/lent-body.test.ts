import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { eachPiece, lendBody } from './lent-body.ts'

const text = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString()

const bodies = (stream: Readable): [string, AsyncIterable<Uint8Array>][] => [
  ['a stream', stream],
  ['a lent stream', lendBody(stream)],
]

describe('the pieces of a body', () => {
  for (const kind of [0, 1] as const) {
    const [name] = bodies(new PassThrough())[kind] as [string, unknown]

    it(`${name}: are taken in order, each after the one before it was`, async () => {
      const stream = Readable.from([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')])
      const [, body] = bodies(stream)[kind] as [string, AsyncIterable<Uint8Array>]
      const taken: Uint8Array[] = []
      let isTaking = false
      await eachPiece(body, async (piece) => {
        assert.equal(isTaking, false)
        isTaking = true
        await pause(2)
        isTaking = false
        taken.push(piece)
      })
      assert.equal(text(taken), 'abc')
    })

    it(`${name}: an error of the body is told once the piece before it has been taken`, async () => {
      const stream = new PassThrough()
      const [, body] = bodies(stream)[kind] as [string, AsyncIterable<Uint8Array>]
      let isTaken = false
      stream.write('a')
      const reading = eachPiece(body, async () => {
        stream.destroy(new Error('the line is dead'))
        await pause(5)
        isTaken = true
      })
      await assert.rejects(reading, /the line is dead/)
      assert.equal(isTaken, true)
    })

    it(`${name}: a body that is closed before its end has broken off, also when it was before`, async () => {
      const stream = new PassThrough()
      const [, body] = bodies(stream)[kind] as [string, AsyncIterable<Uint8Array>]
      stream.write('a')
      await assert.rejects(
        eachPiece(body, () => void stream.destroy()),
        /broke off/,
      )
      await assert.rejects(
        eachPiece(body, () => undefined),
        /broke off/,
      )
    })

    it(`${name}: who does not take a piece is asked for no more`, async () => {
      const stream = new PassThrough()
      const [, body] = bodies(stream)[kind] as [string, AsyncIterable<Uint8Array>]
      stream.write('a')
      let asked = 0
      const refuse = (): undefined => {
        asked++
        throw new Error('no room')
      }
      await assert.rejects(eachPiece(body, refuse), /no room/)
      if (kind === 1) stream.write('b')
      await pause(2)
      assert.equal(asked, 1)
      // Whoever lent it still needs it.
      assert.equal(stream.destroyed, kind === 0)
    })
  }

  it('an iteration that is no stream', async () => {
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a')
      yield Buffer.from('b')
    }
    const taken: Uint8Array[] = []
    await eachPiece(body(), (piece) => void taken.push(piece))
    assert.equal(text(taken), 'ab')
  })
})
