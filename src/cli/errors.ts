/** What a command may fail with besides API and transport errors. report-error.ts turns all of them into lines. */

/** Printed as `error: <message>`. */
export class CliError extends Error {
  override readonly name: string = 'CliError'
}

/** As {@link CliError}, followed by where to find help (cli.md §0, "usage error"). */
export class UsageError extends CliError {
  override readonly name = 'UsageError'
}

/** A flag that pflag would refuse: followed by `See '… --help' for usage.` */
export class FlagError extends CliError {
  override readonly name = 'FlagError'
}

/** Everything has been said already; only the exit code is left. */
export class ExitError extends Error {
  override readonly name = 'ExitError'
  readonly code: number
  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

/** The mapper has no such type (cli.md §0.2). */
export class NoResourceTypeError extends CliError {
  override readonly name = 'NoResourceTypeError'
}

/** Printed without any prefix. */
export class BareError extends Error {
  override readonly name = 'BareError'
}

/** Several failures, each on a line of its own; of one, that one. */
export class ManyErrors extends Error {
  override readonly name = 'ManyErrors'
  readonly errors: readonly unknown[]
  constructor(errors: readonly unknown[]) {
    super(errors.map((error) => (error instanceof Error ? error.message : String(error))).join('\n'))
    this.errors = errors
  }
}

/** Throws what was collected, if anything. */
export function throwCollected(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new ManyErrors(errors)
}

/** What the system says about a file, in the words of Go's `os` package: `open x: no such file or directory`. */
export function fileProblem(error: unknown, path: string): string {
  const words: Record<string, string> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    ENOTDIR: 'not a directory',
  }
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'EISDIR') return `read ${path}: is a directory`
  return words[code] === undefined ? messageOf(error) : `open ${path}: ${words[code]}`
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A refusal by a registry, which is no API error, with this status. */
export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof CliError && 'status' in error && error.status === status
}
