import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseTime } from './time.ts'

describe('parseTime', () => {
  it('says what is out of range', () => {
    const cases: [string, string][] = [
      ['2024-02-30T00:00:00Z', 'day out of range'],
      ['2024-01-01T24:00:01Z', 'hour out of range'],
      ['2024-01-01T00:60:00Z', 'minute out of range'],
    ]
    for (const [text, problem] of cases) {
      assert.deepEqual(parseTime(text, false), { problem: `parsing time "${text}": ${problem}` })
    }
    assert.deepEqual(parseTime('2024-01-01T00:00:00Zx', false), {
      problem: 'parsing time "2024-01-01T00:00:00Zx": extra text: "x"',
    })
  })

  it('gives back canonical times as they are', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true }),
        (date) => {
          const text = `${date.toISOString().slice(0, 19)}Z`
          assert.deepEqual(parseTime(text, false), { text })
        },
      ),
    )
  })
})
