import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseMoment } from './moment.ts'

const now = new Date('2026-05-06T12:00:00Z')

it('parseMoment() takes times with or without seconds and zone, dates, and ages', () => {
  const texts: [string, string | undefined][] = [
    ['2026-05-06T11:00:00Z', '2026-05-06T11:00:00.000Z'],
    ['2026-05-06T11:00:00.25Z', '2026-05-06T11:00:00.250Z'],
    ['2026-05-06T11:00Z', '2026-05-06T11:00:00.000Z'],
    ['2026-05-06T11:00+02:00', '2026-05-06T09:00:00.000Z'],
    ['2026-05-06 11:00', '2026-05-06T11:00:00.000Z'],
    ['2026-05-06', '2026-05-06T00:00:00.000Z'],
    ['-5h', '2026-05-06T07:00:00.000Z'],
    ['-1h30m', '2026-05-06T10:30:00.000Z'],
    ['-2d', '2026-05-04T12:00:00.000Z'],
    ['-0.5h', '2026-05-06T11:30:00.000Z'],
    ['2026-02-30', undefined],
    ['2026-13-01', undefined],
    ['5h', undefined],
    ['-5', undefined],
    ['-', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ]
  for (const [text, expected] of texts) {
    const at = parseMoment(text, now)
    assert.equal(at === undefined ? undefined : new Date(at).toISOString(), expected, text)
  }
})
