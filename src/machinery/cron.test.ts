import assert from 'node:assert/strict'
import { it } from 'node:test'
import { nextCron, parseCron } from './cron.ts'

function times(text: string, after: string, count = 1): string[] {
  const schedule = parseCron(text)
  assert(typeof schedule !== 'string', String(schedule))
  const found: string[] = []
  for (let at = new Date(after); found.length < count; ) {
    const next = nextCron(schedule, at)
    assert(next !== undefined)
    found.push(next.toISOString().slice(0, 16))
    at = next
  }
  return found
}

it('finds the next times', () => {
  assert.deepEqual(times('0 0 * * *', '2026-01-01T12:00:00Z', 2), ['2026-01-02T00:00', '2026-01-03T00:00'])
  assert.deepEqual(times('*/20 9-10 * * *', '2026-01-01T09:40:00Z', 3), [
    '2026-01-01T10:00',
    '2026-01-01T10:20',
    '2026-01-01T10:40',
  ])
  assert.deepEqual(times('5 4 * * sun', '2026-01-01T00:00:00Z'), ['2026-01-04T04:05'])
  assert.deepEqual(times('0 0 * * 7', '2026-01-01T00:00:00Z'), ['2026-01-04T00:00'])
  assert.deepEqual(times('0 0 29 feb *', '2026-01-01T00:00:00Z'), ['2028-02-29T00:00'])
  assert.deepEqual(times('@hourly', '2026-12-31T23:30:00Z'), ['2027-01-01T00:00'])
  assert.deepEqual(times('3/30 0 1,15 * *', '2026-01-01T00:03:00Z', 2), [
    '2026-01-01T00:33',
    '2026-01-15T00:03',
  ])
})

it('a time is never its own next', () => {
  assert.deepEqual(times('0 0 * * *', '2026-01-01T00:00:00Z'), ['2026-01-02T00:00'])
  assert.deepEqual(times('0 0 * * *', '2025-12-31T23:59:59Z'), ['2026-01-01T00:00'])
})

it('takes either day when both are restricted', () => {
  assert.deepEqual(times('0 0 13 * fri', '2026-01-01T00:00:00Z', 3), [
    '2026-01-02T00:00',
    '2026-01-09T00:00',
    '2026-01-13T00:00',
  ])
  assert.deepEqual(times('0 0 */2 * fri', '2026-01-01T00:00:00Z', 2), [
    '2026-01-09T00:00',
    '2026-01-23T00:00',
  ])
})

it('says what is wrong', () => {
  assert.equal(parseCron(''), 'a schedule has five fields, not 0')
  assert.equal(parseCron('* * * *'), 'a schedule has five fields, not 4')
  assert.equal(parseCron('60 * * * *'), '"60" is no minute')
  assert.equal(parseCron('* 5-3 * * *'), '"5-3" is no hour')
  assert.equal(parseCron('* * 0 * *'), '"0" is no day of the month')
  assert.equal(parseCron('* * * foo *'), '"foo" is no month')
  assert.equal(parseCron('*/0 * * * *'), '"*/0" is no minute')
  assert.equal(parseCron('0 0 30 2 *'), '0 0 30 2 * never comes')
  assert.equal(parseCron('@never'), 'unknown schedule @never')
})

it('every next time fits, and none before it does', () => {
  // Against a search minute by minute, over schedules that only say minutes and hours.
  for (const [minute, hour] of [
    ['7', '*'],
    ['*/13', '3,17'],
    ['1-5', '*/6'],
  ]) {
    const schedule = parseCron(`${minute} ${hour} * * *`)
    assert(typeof schedule !== 'string')
    let at = new Date('2026-03-01T00:00:00Z')
    for (let step = 0; step < 50; step++) {
      const next = nextCron(schedule, at)
      assert(next !== undefined)
      let slow = new Date(at.getTime() + 60_000)
      while (!(schedule.minutes.has(slow.getUTCMinutes()) && schedule.hours.has(slow.getUTCHours())))
        slow = new Date(slow.getTime() + 60_000)
      assert.equal(next.getTime(), slow.getTime())
      at = next
    }
  }
})
