import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createUploadStates } from './upload-state.ts'

const state = { Name: 'a/b', UUID: 'u', Offset: 5, StartedAt: '2026-01-01T00:00:00Z' }

describe('upload states (A-21)', () => {
  it('come back as they were signed, for every replica that shares the secret', () => {
    const text = createUploadStates('secret').format(state)
    assert.deepEqual(createUploadStates('secret').parse(text), state)
    assert.equal(createUploadStates('other').parse(text), undefined)
    assert.equal(encodeURIComponent(text), text)
  })

  it('threat 12: no change of a state is accepted', () => {
    const states = createUploadStates('secret')
    const text = states.format(state)
    const bytes = Buffer.from(text, 'base64url')
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const forged = Buffer.from(bytes)
        forged[at] = (forged[at] as number) ^ change
        assert.equal(states.parse(forged.toString('base64url')), undefined)
      }),
    )
    fc.assert(fc.property(fc.string(), (noise) => assert.equal(states.parse(noise), undefined)))
  })
})
