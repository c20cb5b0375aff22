import type { Io } from './io.ts'
import type { Flag, Parsed } from './parse/flags.ts'
import type { Session } from './session.ts'

/** A command is data and one function; a group is a table of commands that are loaded when called. */

export interface CommandContext {
  io: Io
  /** The name that the program was called by. */
  program: string
  /** e.g. `oc set triggers`. */
  path: string
  flags: Parsed
  args: string[]
  session: Session
  /** All commands of the program. */
  entries: readonly Entry[]
}

export interface Command {
  /** What follows the path in the usage line, e.g. `SOURCE DEST [DEST ...]`. */
  usage: string
  /** Paragraphs. */
  long: string
  /** Lines; `$0` stands for the program's name. */
  examples?: string
  flags?: readonly Flag[]
  /** Resolves to the exit code, or to nothing for 0. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most commands end without a word
  run(context: CommandContext): Promise<number | void>
}

export interface Entry {
  name: string
  aliases?: readonly string[]
  /** One line for the list of commands. */
  short: string
  hidden?: boolean
  /** Printed to stderr before it runs: `Command "x" is deprecated, <text>`. */
  deprecated?: string
  load(): Promise<Command | Group>
}

export interface Group {
  long: string
  entries: readonly Entry[]
  /** Runs when the next word is none of the entries; without it that is an error. */
  fallback?: Command
}

export function isGroup(loaded: Command | Group): loaded is Group {
  return 'entries' in loaded
}

export function findEntry(entries: readonly Entry[], word: string): Entry | undefined {
  return entries.find((entry) => entry.name === word || entry.aliases?.includes(word))
}
