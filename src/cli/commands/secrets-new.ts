import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { generatorFlags } from './create-one.ts'
import { createSecret, defaultDockerServer, dockerConfigJson } from './create-secret.ts'

/** The two generators of secrets that clients before 4.4 had, and documentation still shows (cli.md §12.3, §12.4). */

const knownTypes = new Set([
  'Opaque',
  'kubernetes.io/service-account-token',
  'kubernetes.io/dockercfg',
  'kubernetes.io/dockerconfigjson',
  'kubernetes.io/basic-auth',
  'kubernetes.io/ssh-auth',
  'kubernetes.io/tls',
])

export const newSecretCommand: Command = {
  usage: 'NAME [KEY=]SOURCE ...',
  long: 'Create a secret from files and folders.',
  flags: [
    ...generatorFlags,
    { name: 'confirm', kind: 'bool', help: 'Allow a type that is not known.' },
    { name: 'quiet', short: 'q', kind: 'bool', help: "Don't tell what is skipped." },
    { name: 'type', kind: 'string', help: 'The type of the secret.' },
  ],
  run: runNew,
}

export const newDockercfgCommand: Command = {
  usage:
    'NAME --docker-username=USERNAME --docker-password=PASSWORD --docker-email=EMAIL [--docker-server=SERVER]',
  long: 'Create a secret that registries are logged in to with.',
  flags: [
    ...generatorFlags,
    { name: 'docker-email', kind: 'string', help: 'E-mail address.' },
    { name: 'docker-password', kind: 'string', help: 'Password.' },
    { name: 'docker-server', kind: 'string', default: defaultDockerServer, help: 'Host of the registry.' },
    { name: 'docker-username', kind: 'string', help: 'User name.' },
  ],
  run: runNewDockercfg,
}

function typeOf(keys: readonly string[]): string {
  if (keys.length === 1 && keys[0] === '.dockercfg') return 'kubernetes.io/dockercfg'
  if (keys.length === 1 && keys[0] === '.dockerconfigjson') return 'kubernetes.io/dockerconfigjson'
  return 'Opaque'
}

function splitSource(text: string): { key: string; path: string } {
  const parts = text.split('=')
  if (parts.length > 2) throw new CliError("Key names or file paths cannot contain '='.")
  if (parts.length === 1) return { key: '', path: text }
  const [key, path] = parts as [string, string]
  if (key === '') throw new CliError(`key name for file path ${path} missing.`)
  if (path === '') throw new CliError(`file path for key name ${key} missing.`)
  return { key, path }
}

async function readSources(
  context: CommandContext,
  sources: readonly string[],
): Promise<Map<string, Buffer>> {
  const { io, flags } = context
  const data = new Map<string, Buffer>()
  const from = new Map<string, string>()
  const add = async (key: string, path: string, full: string) => {
    if (!/^[-._a-zA-Z0-9]+$/.test(key))
      throw new CliError(
        `${key} is not a valid key name for a secret: it may hold letters, digits, '-', '_' and '.' only`,
      )
    const taken = from.get(key)
    if (taken !== undefined)
      throw new CliError(
        `cannot add key ${key} from path ${path}, another key by that name already exists: ${taken}`,
      )
    from.set(key, path)
    data.set(key, await readFile(full))
  }
  for (const source of sources) {
    const { key, path } = splitSource(source)
    const full = resolve(io.cwd, path)
    const found = await stat(full).catch(() => undefined)
    if (found === undefined) throw new CliError(`error reading ${path}: no such file or directory`)
    if (!found.isDirectory()) {
      await add(key || basename(path), path, full)
      continue
    }
    if (key !== '') throw new CliError('Cannot give a key name for a directory path.')
    for (const entry of await readdir(full, { withFileTypes: true })) {
      if (entry.isFile()) await add(entry.name, join(path, entry.name), join(full, entry.name))
      else if (!flags.bool('quiet')) io.stderr.write(`Skipping resource ${join(path, entry.name)}\n`)
    }
  }
  if (data.size === 0) throw new CliError('No files selected')
  return data
}

function deprecate({ io }: CommandContext, name: string): void {
  io.stderr.write(`Command ${JSON.stringify(name)} is deprecated, use oc create secret\n`)
}

async function runNew(context: CommandContext): Promise<void> {
  const { args, flags } = context
  deprecate(context, 'new')
  const [name, ...sources] = args
  if (name === undefined) throw new CliError('secret name is required')
  if (sources.length === 0) throw new CliError('at least one source file or directory must be specified')
  const type = flags.string('type')
  if (type !== '' && !knownTypes.has(type) && !flags.bool('confirm')) {
    throw new CliError(`unknown secret type ${JSON.stringify(type)}; use --confirm to use it anyway`)
  }
  const data = await readSources(context, sources)
  await createSecret(context, name, data, type || typeOf([...data.keys()]))
}

async function runNewDockercfg(context: CommandContext): Promise<void> {
  const { args, flags } = context
  deprecate(context, 'new-dockercfg')
  if (args.length !== 1) throw new CliError('must have exactly one argument: secret name')
  for (const flag of ['docker-username', 'docker-password', 'docker-email', 'docker-server']) {
    if (flags.string(flag) === '') throw new CliError(`${flag} must be present`)
  }
  const [user, password, email] = ['docker-username', 'docker-password', 'docker-email'].map((f) =>
    flags.string(f),
  ) as [string, string, string]
  if (user.includes(':')) throw new CliError(`username '${user}' is illegal because it contains a ':'`)
  const content = dockerConfigJson(flags.string('docker-server'), user, password, email)
  await createSecret(
    context,
    args[0] as string,
    new Map([['.dockerconfigjson', Buffer.from(content)]]),
    'kubernetes.io/dockerconfigjson',
  )
}
