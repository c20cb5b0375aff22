import { quote } from './errors.ts'

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
}

/** Milliseconds of Go's `1h30m`, `500ms`, `0`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (/^[-+]?0$/.test(text)) return 0
  const match = /^([-+]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text)
  if (match === null) return undefined
  let total = 0
  for (const part of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(part[1]) * (units[part[2] as string] as number)
  }
  return match[1] === '-' ? -total : total
}

/** What Go's `time.ParseDuration` says about text that is no duration; undefined for one that is. */
export function durationProblem(text: string): string | undefined {
  if (parseDuration(text) !== undefined) return undefined
  const shown = quote(text)
  const rest = text.replace(/^[-+]/, '').replace(/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*/, '')
  const number = /^(?:\d+(?:\.\d*)?|\.\d+)/.exec(rest)
  if (number === null) return `time: invalid duration ${shown}`
  const unit = /^[^\d.]*/.exec(rest.slice(number[0].length))?.[0] ?? ''
  if (unit === '') return `time: missing unit in duration ${shown}`
  return `time: unknown unit ${quote(unit)} in duration ${shown}`
}
