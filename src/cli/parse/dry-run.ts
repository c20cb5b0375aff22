import { CliError } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Parsed } from './flags.ts'
import { parseBool } from './values.ts'

export type DryRun = 'none' | 'server' | 'client'

/** cli.md §0.4; older spellings are told on stderr. */
export function readDryRun(flags: Parsed, io: Io): DryRun {
  const text = flags.string('dry-run')
  if (text === 'none' || text === 'server' || text === 'client') return text
  if (text === 'unchanged') {
    io.stderr.write('--dry-run is deprecated and can be replaced with --dry-run=client.\n')
    return 'client'
  }
  const old = parseBool(text)
  if (old === undefined)
    throw new CliError(`Invalid dry-run value (${text}). Must be "none", "server", or "client".`)
  const now = old ? 'client' : 'none'
  io.stderr.write(
    `--dry-run=${text} is deprecated (boolean value) and can be replaced with --dry-run=${now}.\n`,
  )
  return now
}

/** ` (dry run)` and ` (server dry run)` after an operation. */
export function dryRunSuffix(dryRun: DryRun): string {
  return dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : ''
}
