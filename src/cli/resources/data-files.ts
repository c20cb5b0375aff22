import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { CommandContext } from '../command.ts'
import { CliError, fileProblem } from '../errors.ts'

/** Content for secrets and config maps, from --from-file, --from-literal and --from-env-file. */

const keyShape = /^[-._a-zA-Z0-9]+$/

/** What the content is for; the two word their refusals differently. */
export type DataHolder = { kind: 'Secret' } | { kind: 'ConfigMap'; name: string }

function keyProblem(key: string): string | undefined {
  if (!keyShape.test(key))
    return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
  if (key.length > 253) return 'must be no more than 253 characters'
  if (key === '.' || key === '..') return `must not be '${key}'`
  return key.startsWith('..') ? "must not start with '..'" : undefined
}

function checkKey(key: string, { kind }: DataHolder): void {
  const problem = keyProblem(key)
  if (problem === undefined) return
  const refused =
    kind === 'Secret' ? 'is not valid key name for a Secret' : 'is not a valid key name for a ConfigMap:'
  throw new CliError(`${JSON.stringify(key)} ${refused} ${problem}`)
}

function keyTaken(key: string, holder: DataHolder): CliError {
  return new CliError(
    holder.kind === 'Secret'
      ? `cannot add key ${key}, another key by that name already exists`
      : `cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ConfigMap ${JSON.stringify(holder.name)}`,
  )
}

function splitSource(
  text: string,
  defaultKey: string | undefined,
): { key: string; path: string; named: boolean } {
  const parts = text.split('=')
  if (parts.length > 2) throw new CliError("key names or file paths cannot contain '='")
  if (parts.length === 1) return { key: defaultKey ?? basename(text), path: text, named: false }
  const [key, path] = parts as [string, string]
  if (key === '') throw new CliError(`key name for file path ${path} missing`)
  if (path === '') throw new CliError(`file path for key name ${key} missing`)
  return { key, path, named: true }
}

async function readEnvFile(path: string): Promise<[string, Buffer][]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError(`error reading ${path}: ${fileProblem(error, path).replace(`open ${path}: `, '')}`)
  })
  return text
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const equals = line.indexOf('=')
      return equals === -1
        ? [line, Buffer.from('')]
        : [line.slice(0, equals), Buffer.from(line.slice(equals + 1))]
    })
}

/** Keys and bytes; `defaultKey` replaces the file's name as the key of a --from-file without one. */
export async function readData(
  { flags, io }: CommandContext,
  holder: DataHolder,
  defaultKey?: string,
): Promise<Map<string, Buffer>> {
  const data = new Map<string, Buffer>()
  const add = (key: string, bytes: Buffer) => {
    checkKey(key, holder)
    if (data.has(key)) throw keyTaken(key, holder)
    data.set(key, bytes)
  }
  for (const text of flags.list('from-file')) {
    const { key, path, named } = splitSource(text, defaultKey)
    const full = resolve(io.cwd, path)
    const found = await stat(full).catch(() => undefined)
    if (found === undefined) throw new CliError(`error reading ${path}: no such file or directory`)
    if (!found.isDirectory()) {
      add(key, await readFile(full))
      continue
    }
    if (named) throw new CliError('cannot give a key name for a directory path')
    const entries = (await readdir(full, { withFileTypes: true })).filter((entry) => entry.isFile())
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      add(entry.name, await readFile(join(full, entry.name)))
    }
  }
  if (defaultKey !== undefined) return data
  for (const text of flags.list('from-literal')) {
    const equals = text.indexOf('=')
    if (equals < 1) throw new CliError(`invalid literal source ${text}, expected key=value`)
    add(text.slice(0, equals), Buffer.from(text.slice(equals + 1)))
  }
  for (const path of flags.list('from-env-file')) {
    for (const [key, bytes] of await readEnvFile(resolve(io.cwd, path))) add(key, bytes)
  }
  return data
}
