/** How people write a time in the past. */

const absolute = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/
const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

export const momentForm = 'a time such as 2026-05-06T12:00Z, or an age such as -5h, -90m or -2d'

/**
 * RFC 3339, whose seconds and, for UTC, zone may be left out, or a date alone; or an age before `now`: `-5h`, `-1h30m`,
 * `-2d`. Milliseconds since the epoch; undefined for anything else.
 */
export function parseMoment(text: string, now: Date): number | undefined {
  if (text.startsWith('-')) {
    const age = parseAge(text.slice(1))
    return age === undefined ? undefined : now.getTime() - age
  }
  const found = absolute.exec(text)
  if (found === null) return undefined
  const [, day = '', time = '00:00', seconds = ':00', zone = 'Z'] = found
  const at = Date.parse(`${day}T${time}${seconds}${zone}`)
  if (Number.isNaN(at)) return undefined
  // `Date` takes the 30th of February for the 1st or 2nd of March.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? at : undefined
}

function parseAge(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0)
}
