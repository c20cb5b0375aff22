import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createImportPace } from './import-pace.ts'

describe('createImportPace()', () => {
  it('gives twice the minute’s turns at once, then one after the other, each key its own', () => {
    let now = 0
    const pace = createImportPace(60, () => now)
    const waits = Array.from({ length: 125 }, (_, n) => pace.take(`key ${n}`))
    assert.deepEqual(
      waits.slice(0, 120).filter((wait) => wait > 0),
      [],
    )
    assert.deepEqual(waits.slice(120), [1000, 2000, 3000, 4000, 5000])
    now = 2500
    assert.deepEqual([pace.take('key 120'), pace.take('key 121'), pace.take('key 122')], [0, 0, 500])
    assert.equal(pace.take('another'), 3500, 'it queues behind those who wait')
  })

  it('a quiet time gives back no more than the burst', () => {
    let now = 0
    const pace = createImportPace(1, () => now)
    assert.deepEqual([pace.take('a'), pace.take('b'), pace.take('c')], [0, 0, 60_000])
    now = 3_600_000
    assert.equal(pace.take('c'), 0)
    assert.deepEqual([pace.take('d'), pace.take('e'), pace.take('f')], [0, 0, 60_000])
  })

  it('below zero there is no limit', () => {
    const pace = createImportPace(-1, () => 0)
    assert.ok(Array.from({ length: 1000 }, () => pace.take('a')).every((wait) => wait === 0))
  })
})
