import { FlagError } from '../errors.ts'
import { parseBool, parseDuration, parseInteger } from './values.ts'

/**
 * Flags as Go's pflag reads them: interleaved with arguments, `--x v` and `--x=v`, joined short flags, bare booleans.
 * A library of Node's world parses another grammar and words its errors differently (docs/decisions).
 */

interface FlagBase {
  name: string
  short?: string
  help: string
  hidden?: boolean
  /** Printed after `Flag --x has been deprecated, `. */
  deprecated?: string
  /** The short form alone is deprecated. */
  shortDeprecated?: string
  /** Shown in help instead of the value's own default. */
  shownDefault?: string
}

export type Flag = FlagBase &
  (
    | { kind: 'bool'; default?: boolean }
    | { kind: 'string'; default?: string; bare?: string }
    | { kind: 'int'; default?: number }
    | { kind: 'duration'; default?: string }
    /** Repeatable; each value may be a comma list. */
    | { kind: 'list' }
    /** Repeatable; taken as it is. */
    | { kind: 'array' }
  )

export interface Parsed {
  args: string[]
  bool(name: string): boolean
  string(name: string): string
  int(name: string): number
  /** Milliseconds. */
  duration(name: string): number
  list(name: string): string[]
  changed(name: string): boolean
  /** Lines for stderr about deprecated flags, in the order of use. */
  notes: string[]
}

type Value = string | boolean | number | string[]

function initial(flag: Flag): Value {
  if (flag.kind === 'list' || flag.kind === 'array') return []
  if (flag.kind === 'bool') return flag.default ?? false
  if (flag.kind === 'int') return flag.default ?? 0
  if (flag.kind === 'duration') return parseDuration(flag.default ?? '0s') ?? 0
  return flag.default ?? ''
}

/** One comma list in CSV form: `a,"b,c"`. */
function splitList(text: string): string[] {
  if (text === '') return []
  const parts: string[] = []
  for (const match of text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
  }
  return parts
}

function toValue(flag: Flag, text: string, old: Value): Value {
  const refuse = (why: string): never => {
    const shown = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`
    throw new FlagError(`invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${why}`)
  }
  switch (flag.kind) {
    case 'bool':
      return parseBool(text) ?? refuse(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
    case 'int':
      return parseInteger(text) ?? refuse(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
    case 'duration':
      return parseDuration(text) ?? refuse(durationProblem(text))
    case 'list':
      return [...(old as string[]), ...splitList(text)]
    case 'array':
      return [...(old as string[]), text]
    default:
      return text
  }
}

function durationProblem(text: string): string {
  return /^[-+]?[\d.]+$/.test(text)
    ? `time: missing unit in duration ${JSON.stringify(text)}`
    : `time: invalid duration ${JSON.stringify(text)}`
}

/** What a flag without a value means, undefined when it needs one. */
function bareValue(flag: Flag): string | undefined {
  return flag.kind === 'bool' ? 'true' : flag.kind === 'string' ? flag.bare : undefined
}

/** Throws {@link FlagError}; flags named `help` are ordinary here. */
export function parseFlags(flags: readonly Flag[], argv: readonly string[]): Parsed {
  const byName = new Map(flags.map((flag) => [flag.name, flag]))
  const byShort = new Map(
    flags.flatMap((flag) => (flag.short === undefined ? [] : [[flag.short, flag] as const])),
  )
  const values = new Map<string, Value>()
  const args: string[] = []
  const notes: string[] = []
  let at = 0

  function set(flag: Flag, text: string, short: boolean): void {
    values.set(flag.name, toValue(flag, text, values.get(flag.name) ?? initial(flag)))
    if (flag.deprecated !== undefined)
      notes.push(`Flag --${flag.name} has been deprecated, ${flag.deprecated}`)
    if (short && flag.shortDeprecated !== undefined) {
      notes.push(`Flag shorthand -${flag.short} has been deprecated, ${flag.shortDeprecated}`)
    }
  }

  /** A value follows in the next word. */
  function next(what: string): string {
    if (at >= argv.length) throw new FlagError(`flag needs an argument: ${what}`)
    return argv[at++] as string
  }

  function long(text: string): void {
    const [name = '', ...rest] = text.slice(2).split('=')
    if (name === '' || name.startsWith('-')) throw new FlagError(`bad flag syntax: ${text}`)
    const flag = byName.get(name)
    if (flag === undefined) throw new FlagError(`unknown flag: --${name}`)
    const value = text.includes('=') ? rest.join('=') : (bareValue(flag) ?? next(`--${name}`))
    set(flag, value, false)
  }

  function short(text: string): void {
    let letters = text.slice(1)
    while (letters !== '') {
      const letter = letters[0] as string
      const flag = byShort.get(letter)
      if (flag === undefined) throw new FlagError(`unknown shorthand flag: '${letter}' in ${text}`)
      const rest = letters.slice(1)
      const bare = bareValue(flag)
      letters = ''
      if (rest.startsWith('=') && rest.length > 1) set(flag, rest.slice(1), true)
      else if (bare !== undefined) {
        set(flag, bare, true)
        letters = rest
      } else set(flag, rest === '' ? next(`'${letter}' in ${text}`) : rest, true)
    }
  }

  while (at < argv.length) {
    const text = argv[at++] as string
    if (text === '--') {
      args.push(...argv.slice(at))
      break
    }
    if (text.startsWith('--')) long(text)
    else if (text.startsWith('-') && text !== '-') short(text)
    else args.push(text)
  }

  function value(name: string): Value {
    const flag = byName.get(name)
    if (flag === undefined) throw new Error(`the command has no flag --${name}`)
    return values.get(name) ?? initial(flag)
  }
  return {
    args,
    notes,
    bool: (name) => value(name) as boolean,
    string: (name) => value(name) as string,
    int: (name) => value(name) as number,
    duration: (name) => value(name) as number,
    list: (name) => value(name) as string[],
    changed: (name) => values.has(name),
  }
}
