import { GoTemplateError } from './go-template-parse.ts'

/** Functions of text/template, and the two that kubectl adds. Arguments come unevaluated, for `and` and `or`. */

type Lazy = () => unknown

export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return typeof value !== 'object' || Object.keys(value).length > 0
}

/** How Go's fmt prints a value with %v. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '<no value>'
  if (Array.isArray(value)) return `[${value.map(toText).join(' ')}]`
  if (typeof value === 'object') {
    const map = value as Record<string, unknown>
    return `map[${Object.keys(map)
      .sort()
      .map((key) => `${key}:${toText(map[key])}`)
      .join(' ')}]`
  }
  return String(value)
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  throw new GoTemplateError('incompatible types for comparison')
}

function at(container: unknown, key: unknown): unknown {
  if (Array.isArray(container)) {
    if (typeof key !== 'number' || key < 0 || key >= container.length)
      throw new GoTemplateError(`error calling index: index out of range: ${toText(key)}`)
    return container[key]
  }
  if (typeof container === 'string' && typeof key === 'number') return Buffer.from(container)[key]
  if (typeof container === 'object' && container !== null)
    return (container as Record<string, unknown>)[String(key)]
  throw new GoTemplateError("error calling index: can't index item")
}

function has(container: unknown, keys: readonly unknown[]): boolean {
  let value = container
  for (const key of keys) {
    if (Array.isArray(value)) {
      if (typeof key !== 'number' || key < 0 || key >= value.length) return false
      value = value[key]
    } else if (typeof value === 'object' && value !== null && Object.hasOwn(value, String(key))) {
      value = (value as Record<string, unknown>)[String(key)]
    } else return false
  }
  return value !== undefined
}

/** The verbs that templates use: %v %s %d %q %t %x %f, with flags and width. */
function sprintf(format: unknown, ...values: unknown[]): string {
  let next = 0
  return String(format).replace(
    /%([-+ 0#]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%'
      if (next >= values.length) return `%!${verb}(MISSING)`
      const text = formatVerb(verb, values[next++], precision)
      if (width === '') return text
      if (flags.includes('-')) return text.padEnd(Number(width))
      return text.padStart(Number(width), flags.includes('0') ? '0' : ' ')
    },
  )
}

function formatVerb(verb: string, value: unknown, precision: string | undefined): string {
  switch (verb) {
    case 'q':
      return JSON.stringify(String(value))
    case 'x':
      return typeof value === 'number' ? value.toString(16) : Buffer.from(String(value)).toString('hex')
    case 'f':
      return Number(value).toFixed(precision === undefined ? 6 : Number(precision))
    case 's': {
      const text = toText(value)
      return precision === undefined ? text : text.slice(0, Number(precision))
    }
    default:
      return toText(value)
  }
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&#34;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (c) => entities[c] as string)
}

function length(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  if (typeof value === 'object' && value !== null) return Object.keys(value).length
  throw new GoTemplateError(`error calling len: len of ${toText(value)}`)
}

function slice(value: unknown, from?: unknown, to?: unknown): unknown {
  if (typeof value === 'string')
    return Buffer.from(value)
      .subarray(Number(from ?? 0), to === undefined ? undefined : Number(to))
      .toString()
  if (Array.isArray(value)) return value.slice(Number(from ?? 0), to === undefined ? undefined : Number(to))
  throw new GoTemplateError("error calling slice: can't slice item")
}

/** A function of evaluated arguments. */
function strict(run: (...args: unknown[]) => unknown): (...args: Lazy[]) => unknown {
  return (...args) => run(...args.map((arg) => arg()))
}

export const templateFunctions: Readonly<Record<string, ((...args: Lazy[]) => unknown) | undefined>> = {
  and: (...args) => {
    let value: unknown
    for (const arg of args) {
      value = arg()
      if (!isTrue(value)) return value
    }
    return value
  },
  or: (...args) => {
    let value: unknown
    for (const arg of args) {
      value = arg()
      if (isTrue(value)) return value
    }
    return value
  },
  not: strict((value) => !isTrue(value)),
  eq: strict((first, ...others) => others.some((other) => first === other)),
  ne: strict((a, b) => a !== b),
  lt: strict((a, b) => compare(a, b) < 0),
  le: strict((a, b) => compare(a, b) <= 0),
  gt: strict((a, b) => compare(a, b) > 0),
  ge: strict((a, b) => compare(a, b) >= 0),
  index: strict((container, ...keys) => keys.reduce(at, container)),
  slice: strict((value, from, to) => slice(value, from, to)),
  len: strict(length),
  print: strict((...values) => values.map(toText).join('')),
  println: strict((...values) => `${values.map(toText).join(' ')}\n`),
  printf: strict(sprintf),
  html: strict((...values) => escapeHtml(values.map(toText).join(''))),
  js: strict((...values) => JSON.stringify(values.map(toText).join('')).slice(1, -1)),
  urlquery: strict((...values) => encodeURIComponent(values.map(toText).join('')).replaceAll('%20', '+')),
  exists: strict((container, ...keys) => has(container, keys)),
  base64decode: strict((text) => Buffer.from(String(text), 'base64').toString('utf8')),
}
