import assert from 'node:assert/strict'
import { it } from 'node:test'
import { EventRing } from './event-ring.ts'
import type { LogItem } from './log-reader.ts'

const item = (position: number, key: string, size = 1): LogItem => ({
  position,
  event: { type: 'put', key, value: new Uint8Array(size), revision: position },
})

it('finds the first event of a prefix after a position', () => {
  const ring = new EventRing(10, { events: 100, bytes: 1000 })
  for (const [at, key] of ['a', 'b', 'a/1', 'b', 'a/2'].entries()) ring.push(item(11 + at * 2, key))
  assert.equal(ring.floor, 10)
  assert.equal(ring.find('a', 10)?.position, 11)
  assert.equal(ring.find('a', 11)?.position, 15)
  assert.equal(ring.find('a/', 12)?.position, 15)
  assert.equal(ring.find('a', 18)?.position, 19)
  assert.equal(ring.find('a', 19), undefined)
  assert.equal(ring.find('c', 10), undefined)
})

it('keeps the newest events within its bounds, and says from where it is whole', () => {
  const ring = new EventRing(0, { events: 4, bytes: 100 })
  for (let position = 1; position <= 50; position++) {
    ring.push(item(position, 'k'))
    assert.equal(ring.floor, Math.max(0, position - 4))
    assert.equal(ring.find('k', ring.floor)?.position, ring.floor + 1)
  }
  ring.push(item(51, 'k', 98))
  assert.equal(ring.floor, 48)
  ring.push(item(52, 'k', 5000))
  assert.equal(ring.floor, 51)
  assert.equal(ring.find('k', 51)?.event.value.length, 5000)
})
