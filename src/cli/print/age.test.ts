import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ageOf, binarySize, columnAge, decimalSize, longAge, shortAge } from './age.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const long: [number, string][] = [
  [-5 * second, 'Less than a second'],
  [999, 'Less than a second'],
  [second, '1 second'],
  [59 * second, '59 seconds'],
  [minute, 'About a minute'],
  [2 * minute, '2 minutes'],
  [89 * minute, 'About an hour'],
  [90 * minute, '2 hours'],
  [47.4 * hour, '47 hours'],
  [47.5 * hour, '2 days'],
  [13.9 * day, '13 days'],
  [14 * day, '2 weeks'],
  [60 * day, '2 months'],
  [730 * day, '2 years'],
]
for (const [age, text] of long) it(`${age} ms is ${text}`, () => assert.equal(longAge(age), text))

const column: [number, string][] = [
  [119 * second, '119s'],
  [125 * second, '2m5s'],
  [7 * minute, '7m'],
  [200 * minute, '3h20m'],
  [47 * hour, '47h'],
  [5.5 * day, '5d12h'],
  [30 * day, '30d'],
  [760 * day, '2y30d'],
]
for (const [age, text] of column) it(`the column shows ${text}`, () => assert.equal(columnAge(age), text))

it('a missing time is 292 years ago', () => {
  assert.equal(longAge(ageOf(undefined, new Date())), '292 years')
})

it('short ages have one unit', () => {
  assert.deepEqual([30 * second, 5 * minute, 3 * hour, 4 * day, 400 * day].map(shortAge), [
    '30s',
    '5m',
    '3h',
    '4d',
    '1y',
  ])
})

it('sizes have four digits', () => {
  assert.deepEqual([0, 32, 3409, 196_633_128, 430_000_000].map(decimalSize), [
    '0B',
    '32B',
    '3.409kB',
    '196.6MB',
    '430MB',
  ])
  assert.deepEqual([450, 1025, 196_608_000].map(binarySize), ['450B', '1.001KiB', '187.5MiB'])
})
