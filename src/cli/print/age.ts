export { binarySize, decimalSize } from '../../machinery/sizes.ts'

/** Ages and sizes (cli.md §0.6). All durations in milliseconds. */

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
/** Go's longest duration: what a missing time amounts to. */
const longest = 9_223_372_036_854

/** Milliseconds since a time; a missing or unreadable one is as old as Go can tell. */
export function ageOf(time: string | null | undefined, now: Date): number {
  const then = time ? Date.parse(time) : Number.NaN
  return Number.isNaN(then) || then <= -62_135_596_800_000 ? longest : Math.min(now.getTime() - then, longest)
}

/** `About a minute`, `3 days`, … */
export function longAge(age: number): string {
  const seconds = Math.trunc(age / second)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.trunc(age / minute)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.floor(age / hour + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`
  return `${Math.trunc(Math.trunc(age / hour) / 24 / 365)} years`
}

/** `30s`, `5m`, `3h`, `4d`, `1y`. */
export function shortAge(age: number): string {
  const seconds = Math.trunc(age / second)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.trunc(age / minute)
  if (minutes < 60) return `${minutes}m`
  const hours = Math.trunc(age / hour)
  if (hours < 24) return `${hours}h`
  if (hours < 24 * 365) return `${Math.trunc(hours / 24)}d`
  return `${Math.trunc(hours / 24 / 365)}y`
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`
}

/** The AGE column: `119s`, `2m5s`, `3h20m`, `5d12h`, `2y30d`. */
export function columnAge(age: number): string {
  const seconds = Math.trunc(age / second)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(age / minute)
  if (minutes < 10) return twoUnits(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(age / hour)
  if (hours < 8) return twoUnits(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(age / day)
  if (hours < 24 * 8) return twoUnits(days, 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.trunc(days / 365)
  return hours < 24 * 365 * 8 ? twoUnits(years, 'y', days % 365, 'd') : `${years}y`
}
