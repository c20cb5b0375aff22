import { quote } from './errors.ts'

const canonical = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
/** Canonical and surely a date: on most days no need to look closer. */
const plain = /^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/
const full = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)([.,]\d+)?(Z|[+-]\d\d:\d\d)$/
const zero = '0001-01-01T00:00:00Z'

/** The elements of RFC 3339 as Go's layout names them, with the form that each must have. */
const elements: [string, RegExp][] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d?/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
  ['05', /^\d\d([.,]\d+)?/],
  ['Z07:00', /^(Z|[+-]\d\d:\d\d)/],
]

function problemOf(text: string): string {
  const start = `parsing time ${quote(text)} as "2006-01-02T15:04:05Z07:00": cannot parse`
  let rest = text
  for (const [layout, form] of elements) {
    const found = form.exec(rest)
    if (found === null) return `${start} ${quote(rest)} as ${quote(layout)}`
    rest = rest.slice(found[0].length)
  }
  if (rest !== '') return `parsing time ${quote(text)}: extra text: ${quote(rest)}`
  const [month, day] = [Number(text.slice(5, 7)), Number(text.slice(8, 10))]
  const part = month < 1 || month > 12 ? 'month' : day < 1 || day > 31 ? 'day' : outOfRangeClock(text)
  return `parsing time ${quote(text)}: ${part} out of range`
}

function outOfRangeClock(text: string): string {
  const [hour, minute, second] = [text.slice(11, 13), text.slice(14, 16), text.slice(17, 19)].map(Number)
  if ((hour ?? 0) > 23) return 'hour'
  if ((minute ?? 0) > 59) return 'minute'
  return (second ?? 0) > 59 ? 'second' : 'day'
}

/** `Date` lets days and hours run over into the next. */
function isDate(dateTime: string): boolean {
  const at = Date.parse(`${dateTime}Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(dateTime)
}

/**
 * A `metav1.Time` in canonical form: UTC, whole seconds (or six digits of them); `text: undefined` for Go's zero time,
 * which prints as unset. `problem` is the message of Go's `time.Parse`.
 */
export function parseTime(text: string, micro: boolean): { text: string | undefined } | { problem: string } {
  if (!micro && plain.test(text)) return { text }
  const found = full.exec(text)
  if (found === null || !isDate(found[1] as string)) return { problem: problemOf(text) }
  if (text === zero) return { text: undefined }
  if (!micro && canonical.test(text)) return { text }
  const seconds = new Date(`${found[1]}${found[3]}`).toISOString().slice(0, 19)
  if (!micro) return { text: `${seconds}Z` }
  return { text: `${seconds}.${(found[2] ?? '.').slice(1, 7).padEnd(6, '0')}Z` }
}
