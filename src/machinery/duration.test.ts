import assert from 'node:assert/strict'
import { it } from 'node:test'
import { durationProblem, parseDuration } from './duration.ts'

it('reads durations in the form of Go', () => {
  const cases: [string, number | undefined][] = [
    ['0', 0],
    ['1h30m', 5.4e6],
    ['-1.5s', -1500],
    ['.5ms', 0.5],
    ['5', undefined],
    ['', undefined],
  ]
  for (const [text, expected] of cases) assert.equal(parseDuration(text), expected, text)
})

it('says what is wrong with one in the words of Go', () => {
  const cases: [string, string | undefined][] = [
    ['5s', undefined],
    ['abc', 'time: invalid duration "abc"'],
    ['', 'time: invalid duration ""'],
    ['5', 'time: missing unit in duration "5"'],
    ['1h5', 'time: missing unit in duration "1h5"'],
    ['5x', 'time: unknown unit "x" in duration "5x"'],
  ]
  for (const [text, expected] of cases) assert.equal(durationProblem(text), expected, text)
})
