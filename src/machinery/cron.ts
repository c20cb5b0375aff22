/** Cron schedules as CronJobs have them: five fields, names of months and days, `@daily` and its like. Times are UTC. */

export interface CronSchedule {
  minutes: ReadonlySet<number>
  hours: ReadonlySet<number>
  days: ReadonlySet<number>
  months: ReadonlySet<number>
  weekdays: ReadonlySet<number>
  /** When both the day and the weekday are restricted, either is enough. */
  eitherDay: boolean
}

interface Field {
  name: string
  min: number
  max: number
  /** Names in place of numbers, from `min` on. */
  words: readonly string[]
}

const fields: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day of the month', min: 1, max: 31, words: [] },
  {
    name: 'month',
    min: 1,
    max: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of the week', min: 0, max: 6, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]

const shorthands: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** The schedule, or text that says what is wrong with it. */
export function parseCron(text: string): CronSchedule | string {
  const spelled = shorthands[text.trim().toLowerCase()] ?? text.trim()
  const parts = spelled.split(/\s+/)
  if (spelled.startsWith('@')) return `unknown schedule ${spelled}`
  if (parts.length !== fields.length)
    return `a schedule has five fields, not ${spelled === '' ? 0 : parts.length}`
  const sets: Set<number>[] = []
  for (const [index, field] of fields.entries()) {
    const set = parseField(parts[index] as string, field)
    if (typeof set === 'string') return set
    sets.push(set)
  }
  const [minutes, hours, days, months, weekdays] = sets as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ]
  const isOpen = (index: number) => /^[*?]/.test(parts[index] as string)
  const schedule = { minutes, hours, days, months, weekdays, eitherDay: !isOpen(2) && !isOpen(4) }
  if (nextCron(schedule, new Date(0)) === undefined) return `${text.trim()} never comes`
  return schedule
}

function parseField(text: string, field: Field): Set<number> | string {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const range = parseRange(part, field)
    if (range === undefined) return `${JSON.stringify(part)} is no ${field.name}`
    for (let value = range.from; value <= range.to; value += range.step) values.add(value % (field.max + 1))
  }
  return values
}

function parseRange(text: string, field: Field): { from: number; to: number; step: number } | undefined {
  const [, first = '', last, every] = /^([^-/]+)(?:-([^-/]+))?(?:\/(\d{1,4}))?$/.exec(text) ?? []
  const step = every === undefined ? 1 : Number(every)
  const isAll = (first === '*' || first === '?') && last === undefined
  const from = isAll ? field.min : parseValue(first, field)
  // With a step one value begins a range to the end.
  const to =
    isAll || (last === undefined && every !== undefined) ? field.max : parseValue(last ?? first, field)
  return from === undefined || to === undefined || from > to || step < 1 ? undefined : { from, to, step }
}

function parseValue(text: string, { min, max, words }: Field): number | undefined {
  const word = words.indexOf(text.toLowerCase())
  if (word !== -1) return word + min
  if (!/^\d{1,2}$/.test(text)) return undefined
  const value = Number(text)
  // Sunday is 7 too.
  return value >= min && value <= (max === 6 ? 7 : max) ? value : undefined
}

/** February 29 comes after eight years at the latest. */
const farthest = 9 * 366

/** The first time after the given one, to the minute; undefined where there is none. */
export function nextCron(schedule: CronSchedule, after: Date): Date | undefined {
  const start = new Date(Math.floor(after.getTime() / 60_000) * 60_000 + 60_000)
  const first = startOfDay(start)
  for (let count = 0; count < farthest; count++) {
    const day = new Date(first.getTime() + count * 86_400_000)
    if (!fitsDay(schedule, day)) continue
    const time = firstTime(schedule, count === 0 ? start.getUTCHours() * 60 + start.getUTCMinutes() : 0)
    if (time !== undefined) return new Date(day.getTime() + time * 60_000)
  }
  return undefined
}

function startOfDay(time: Date): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()))
}

function fitsDay({ days, months, weekdays, eitherDay }: CronSchedule, day: Date): boolean {
  if (!months.has(day.getUTCMonth() + 1)) return false
  const [byDay, byWeekday] = [days.has(day.getUTCDate()), weekdays.has(day.getUTCDay())]
  return eitherDay ? byDay || byWeekday : byDay && byWeekday
}

/** Minutes since midnight, from `earliest` on. */
function firstTime({ hours, minutes }: CronSchedule, earliest: number): number | undefined {
  for (let time = earliest; time < 24 * 60; time++) {
    if (hours.has(Math.floor(time / 60)) && minutes.has(time % 60)) return time
  }
  return undefined
}
