import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatAge, formatAgeSince, formatLongAge, formatLongAgeSince } from './age.ts'

const units: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  y: 31_536_000_000,
}
const duration = (text: string) =>
  [...text.matchAll(/(\d+)(ms|[smhdy])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (units[unit as string] as number),
    0,
  )

describe('formatAge', () => {
  it('prints at most two units', () => {
    const cases: [string, string][] = [
      ['0s', '0s'],
      ['1999ms', '1s'],
      ['119s', '119s'],
      ['2m', '2m'],
      ['9m59s', '9m59s'],
      ['10m30s', '10m'],
      ['179m59s', '179m'],
      ['3h', '3h'],
      ['3h2m', '3h2m'],
      ['8h30m', '8h'],
      ['47h59m', '47h'],
      ['48h', '2d'],
      ['5d3h', '5d3h'],
      ['8d5h', '8d'],
      ['729d', '729d'],
      ['2y30d', '2y30d'],
      ['3y', '3y'],
      ['9y100d', '9y'],
    ]
    for (const [age, text] of cases) assert.equal(formatAge(duration(age)), text, age)
    assert.equal(formatAge(-500), '0s')
    assert.equal(formatAge(-1500), '0s')
    assert.equal(formatAge(-5000), '<invalid>')
  })

  it('counts from a time', () => {
    const now = new Date('2026-01-01T00:00:30Z')
    assert.equal(formatAgeSince('2026-01-01T00:00:00Z', now), '30s')
    assert.equal(formatAgeSince(undefined, now), '<unknown>')
  })
})

describe('formatLongAge', () => {
  it('prints one unit in words', () => {
    const cases: [string, string][] = [
      ['999ms', 'Less than a second'],
      ['1s', '1 second'],
      ['59s', '59 seconds'],
      ['60s', 'About a minute'],
      ['119s', 'About a minute'],
      ['2m', '2 minutes'],
      ['59m59s', '59 minutes'],
      ['1h', 'About an hour'],
      ['89m', 'About an hour'],
      ['90m', '2 hours'],
      ['47h', '47 hours'],
      ['48h', '2 days'],
      ['13d', '13 days'],
      ['14d', '2 weeks'],
      ['59d', '8 weeks'],
      ['60d', '2 months'],
      ['729d', '24 months'],
      ['2y', '2 years'],
    ]
    for (const [age, text] of cases) assert.equal(formatLongAge(duration(age)), text, age)
  })

  it('counts from a time', () => {
    const now = new Date('2026-01-01T00:02:00Z')
    assert.equal(formatLongAgeSince('2026-01-01T00:00:00Z', now), '2 minutes ago')
    assert.equal(formatLongAgeSince(null, now), '')
  })
})
