/** Ages as clients print them. Durations are in milliseconds. */

const second = 1000
const minute = 60 * second
const hour = 60 * minute

function both(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`
}

/** kubectl's short form with at most two units: `45s`, `3h2m`, `5d`, `2y30d` (apimachinery's `HumanDuration`). */
export function formatAge(duration: number): string {
  const seconds = Math.trunc(duration / second)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 60 * 2) return `${seconds}s`
  const minutes = Math.trunc(duration / minute)
  if (minutes < 10) return both(minutes, 'm', seconds % 60, 's')
  if (minutes < 60 * 3) return `${minutes}m`
  const hours = Math.trunc(duration / hour)
  if (hours < 8) return both(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 24 * 8) return both(days, 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.trunc(days / 365)
  return hours < 24 * 365 * 8 ? both(years, 'y', days % 365, 'd') : `${years}y`
}

/** Age of a `metav1.Time` in the short form; `<unknown>` for an unset one. */
export function formatAgeSince(time: string | undefined | null, now: Date): string {
  return time ? formatAge(now.getTime() - Date.parse(time)) : '<unknown>'
}

/** The long form of image-api.md §15: `About a minute`, `3 weeks`. */
export function formatLongAge(duration: number): string {
  const seconds = Math.trunc(duration / second)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.trunc(duration / minute)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.floor(duration / hour + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`
  return `${Math.trunc(Math.floor(duration / hour) / 24 / 365)} years`
}

/** `<rel> ago`, or '' for an unset time. */
export function formatLongAgeSince(time: string | undefined | null, now: Date): string {
  return time ? `${formatLongAge(now.getTime() - Date.parse(time))} ago` : ''
}
