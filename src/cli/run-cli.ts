import { type Command, type CommandContext, type Entry, findEntry, type Group, isGroup } from './command.ts'
import { rootEntries } from './commands.ts'
import { CliError, UsageError } from './errors.ts'
import { globalFlags, helpFlag } from './global-flags.ts'
import { type Io, visible } from './io.ts'
import { type Flag, type Parsed, parseFlags } from './parse/flags.ts'
import { createSession, type Session } from './session.ts'

export interface CliOptions {
  /** Name that the program was called by; under `oc` it does what `oc` does and nothing more. */
  program: string
  /** Commands of the program that don't belong to the client, such as `start`. */
  extraCommands?: readonly Entry[]
}

interface Found {
  path: string[]
  /** The last word's own name and its aliases. */
  names: readonly string[]
  command: Command | Group
  /** The whole command line without the words of the path. */
  rest: string[]
}

/** A flag before the command's name may take the next word as its value; only global ones stand there. */
function takesValue(word: string): boolean {
  if (word.includes('=')) return false
  const flag = word.startsWith('--')
    ? globalFlags.find((f) => f.name === word.slice(2))
    : globalFlags.find((f) => f.short !== undefined && word === `-${f.short}`)
  return flag !== undefined && flag.kind !== 'bool'
}

/** Where the next word that is no flag stands, or -1. */
function nextWord(argv: readonly string[]): number {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string
    if (word === '--') return -1
    if (!word.startsWith('-') || word === '-') return i
    if (takesValue(word)) i++
  }
  return -1
}

function allEntries(options: CliOptions): Entry[] {
  return [...(options.extraCommands ?? []), ...rootEntries(options.program)]
}

async function findCommand(options: CliOptions, io: Io, argv: readonly string[]): Promise<Found> {
  let group: Group = { long: '', entries: allEntries(options) }
  let rest = [...argv]
  const path = [options.program]
  let names: readonly string[] = []
  for (;;) {
    const at = nextWord(rest)
    const word = at === -1 ? undefined : rest[at]
    const entry = word === undefined ? undefined : findEntry(group.entries, word)
    if (entry === undefined) return { path, names, command: group.fallback ?? group, rest }
    rest = [...rest.slice(0, at), ...rest.slice(at + 1)]
    path.push(entry.name)
    names = [entry.name, ...(entry.aliases ?? [])]
    if (entry.deprecated !== undefined)
      io.stderr.write(`Command "${entry.name}" is deprecated, ${entry.deprecated}\n`)
    const loaded = await entry.load()
    if (!isGroup(loaded)) return { path, names, command: loaded, rest }
    group = loaded
  }
}

async function showGroup(found: Found, group: Group, io: Io, program: string): Promise<number> {
  const flags = parseFlags([...globalFlags, helpFlag], found.rest)
  if (flags.args.length > 0 && found.path.length === 1) {
    const { unknownCommand } = await import('./unknown-command.ts')
    throw unknownCommand(flags.args[0] as string, program, group.entries)
  }
  if (flags.args.length > 0) throw new UsageError(`unknown command ${JSON.stringify(flags.args.join(' '))}`)
  const { groupHelp } = await import('./help.ts')
  io.stdout.write(groupHelp(found.path.join(' '), group, program))
  return 0
}

function checkedFlags(command: Command, rest: readonly string[]): Parsed {
  const own = new Set((command.flags ?? []).map((flag) => flag.name))
  const shorts = new Set((command.flags ?? []).flatMap((flag) => flag.short ?? []))
  const shared = [...globalFlags, helpFlag]
    .filter((flag) => !own.has(flag.name))
    .map((flag): Flag => (flag.short !== undefined && shorts.has(flag.short) ? withoutShort(flag) : flag))
  return parseFlags([...(command.flags ?? []), ...shared], rest)
}

function withoutShort(flag: Flag): Flag {
  const { short: _, ...rest } = flag
  return rest as Flag
}

async function runCommand(
  found: Found,
  command: Command,
  io: Io,
  options: CliOptions,
  hold: (s: Session) => void,
): Promise<number> {
  const { program } = options
  const flags = checkedFlags(command, found.rest)
  const path = found.path.join(' ')
  if (flags.bool('help')) {
    const { commandHelp } = await import('./help.ts')
    io.stdout.write(commandHelp(path, command, program, found.names))
    return 0
  }
  for (const note of flags.notes) io.stderr.write(`${visible(note)}\n`)
  const session = createSession(io, flags, program)
  hold(session)
  const context: CommandContext = {
    io,
    program,
    path,
    flags,
    args: flags.args,
    session,
    entries: allEntries(options),
  }
  const code = (await command.run(context)) ?? 0
  if (code === 0 && flags.bool('warnings-as-errors') && session.warnings.size > 0) {
    const count = session.warnings.size
    throw new CliError(`${count} warning${count === 1 ? '' : 's'} received`)
  }
  return code
}

/** Runs one command line, without the program's own name, to its end; never rejects. Resolves to the exit code. */
export async function runCli(argv: readonly string[], io: Io, options: CliOptions): Promise<number> {
  let session: Session | undefined
  let path = options.program
  try {
    const found = await findCommand(options, io, argv)
    path = found.path.join(' ')
    if (isGroup(found.command)) return await showGroup(found, found.command, io, options.program)
    return await runCommand(found, found.command, io, options, (opened) => {
      session = opened
    })
  } catch (error) {
    const server = (await session?.findTarget().catch(() => undefined))?.server ?? ''
    const { reportError } = await import('./report-error.ts')
    const { text, code } = reportError(error, { server, path })
    io.stderr.write(text)
    return code
  } finally {
    session?.close()
  }
}
