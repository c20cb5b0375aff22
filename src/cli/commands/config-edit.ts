import { resolve } from 'node:path'
import type { Command, CommandContext } from '../command.ts'
import { CliError, fileProblem, UsageError } from '../errors.ts'
import { defaultFile, type Kubeconfig } from '../kubeconfig/kubeconfig.ts'
import { type EntryList, saveKubeconfig } from '../kubeconfig/save.ts'
import type { Flag } from '../parse/flags.ts'
import { parseBool } from '../parse/values.ts'

/** The commands of `config` that change single entries and fields, as kubectl has them. */

/** With a wrong number of words the help comes first, on stdout. */
export async function checkArgs(context: CommandContext, command: Command, count: number): Promise<void> {
  const { args, io, path, program } = context
  if (args.length === count) return
  const { commandHelp } = await import('../help.ts')
  io.stdout.write(commandHelp(path, command, program, []))
  throw new CliError(`Unexpected args: [${args.join(' ')}]`)
}

function deletion(list: EntryList, what: string): Command {
  const command: Command = {
    usage: 'NAME',
    long: `Take a ${what} out of the kubeconfig.`,
    run: async (context) => {
      const { args, io, session, path, program } = context
      const [name, ...more] = args
      if (name === undefined || more.length > 0) {
        if (what === 'user') throw new UsageError('user to delete is required')
        const { commandHelp } = await import('../help.ts')
        io.stdout.write(commandHelp(path, command, program, []))
        return
      }
      const config = await session.kubeconfig()
      const file = defaultFile(config)
      if (!config[list].has(name)) throw new CliError(`cannot delete ${what} ${name}, not in ${file}`)
      if (list === 'contexts' && config.currentContext === name) {
        io.stderr.write(
          `warning: this removed your active context, use "${program} config use-context" to select a different one\n`,
        )
      }
      await saveKubeconfig(config, { removed: [{ list, name }] })
      io.stdout.write(`deleted ${what} ${name} from ${file}\n`)
    },
  }
  return command
}

export const deleteContext = deletion('contexts', 'context')
export const deleteCluster = deletion('clusters', 'cluster')
export const deleteUser = deletion('users', 'user')

export const renameContext: Command = {
  usage: 'CONTEXT_NAME NEW_NAME',
  long: 'Give a context another name. The current one stays current.',
  run: async (context) => {
    await checkArgs(context, renameContext, 2)
    const { args, io, session } = context
    const [from, to] = args as [string, string]
    const config = await session.kubeconfig()
    const file = defaultFile(config)
    const found = config.contexts.get(from)
    if (found === undefined)
      throw new CliError(`cannot rename the context ${JSON.stringify(from)}, it's not in ${file}`)
    if (config.contexts.has(to)) {
      throw new CliError(
        `cannot rename the context ${JSON.stringify(from)}, the context ${JSON.stringify(to)} already exists in ${file}`,
      )
    }
    await saveKubeconfig(config, {
      contexts: { [to]: found },
      removed: [{ list: 'contexts', name: from }],
      ...(config.currentContext === from ? { currentContext: to } : {}),
    })
    io.stdout.write(`Context ${JSON.stringify(from)} renamed to ${JSON.stringify(to)}.\n`)
  },
}

const fields: Readonly<Record<EntryList, readonly string[]>> = {
  clusters: [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'certificate-authority',
    'certificate-authority-data',
    'proxy-url',
    'disable-compression',
  ],
  users: [
    'client-certificate',
    'client-certificate-data',
    'client-key',
    'client-key-data',
    'token',
    'tokenFile',
    'username',
    'password',
    'as',
    'as-uid',
  ],
  contexts: ['cluster', 'user', 'namespace'],
}
const booleans = ['insecure-skip-tls-verify', 'disable-compression']

interface Place {
  list: EntryList
  /** '' for all entries. */
  name: string
  /** '' for the whole entry. */
  field: string
}

/** `clusters.NAME.field`; names may hold dots when they are known. undefined for `current-context`. */
function parsePlace(text: string, config: Kubeconfig): Place | undefined {
  if (text === 'current-context') return undefined
  const [first = '', ...rest] = text.split('.')
  if (!(first in fields)) throw new CliError(`unable to parse ${text} after [] at api.Config`)
  const list = first as EntryList
  const whole = rest.join('.')
  if (rest.length < 2 || config[list].has(whole)) return { list, name: whole, field: '' }
  return { list, name: rest.slice(0, -1).join('.'), field: rest.at(-1) as string }
}

function checkField(place: Place, text: string): void {
  if (!fields[place.list].includes(place.field))
    throw new CliError(`unable to parse ${text} after [${place.list} ${place.name}] at api.Config`)
}

function toValue(field: string, text: string): string | boolean {
  if (!booleans.includes(field)) return text
  const value = parseBool(text)
  if (value === undefined)
    throw new CliError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
  return value
}

export const setProperty: Command = {
  usage: 'PROPERTY_NAME PROPERTY_VALUE',
  long: 'Set one value of the kubeconfig. The name is current-context, or a list, an entry and its field, with dots between them.',
  examples: `# The address of a server
$0 config set clusters.mine.server https://1.2.3.4`,
  flags: [
    { name: 'set-raw-bytes', kind: 'bool', help: 'The value of a …-data field is its bytes, not base64.' },
  ],
  run: async (context) => {
    await checkArgs(context, setProperty, 2)
    const { args, flags, io, session } = context
    const [property, text] = args as [string, string]
    const config = await session.kubeconfig()
    const place = parsePlace(property, config)
    if (place === undefined) await saveKubeconfig(config, { currentContext: text })
    else {
      checkField(place, property)
      const raw = flags.bool('set-raw-bytes') && place.field.endsWith('-data')
      const value = raw ? Buffer.from(text).toString('base64') : toValue(place.field, text)
      await saveKubeconfig(config, { [place.list]: { [place.name]: { [place.field]: value } } })
    }
    io.stdout.write(`Property ${JSON.stringify(property)} set.\n`)
  },
}

export const unsetProperty: Command = {
  usage: 'PROPERTY_NAME',
  long: 'Take one value, one entry or a whole list out of the kubeconfig.',
  run: async (context) => {
    await checkArgs(context, unsetProperty, 1)
    const { args, io, session } = context
    const [property] = args as [string]
    const config = await session.kubeconfig()
    const place = parsePlace(property, config)
    if (place === undefined) await saveKubeconfig(config, { currentContext: '' })
    else if (place.field !== '') {
      if (config[place.list].has(place.name))
        await saveKubeconfig(config, { [place.list]: { [place.name]: { [place.field]: undefined } } })
    } else {
      const names = place.name === '' ? [...config[place.list].keys()] : [place.name]
      await saveKubeconfig(config, { removed: names.map((name) => ({ list: place.list, name })) })
    }
    io.stdout.write(`Property ${JSON.stringify(property)} unset.\n`)
  },
}

/** What a file holds, in base64, or its path. */
async function fileField(context: CommandContext, flag: string): Promise<Record<string, string | undefined>> {
  const { flags, io } = context
  if (!flags.changed(flag)) return {}
  const path = flags.string(flag)
  if (path === '') return { [flag]: undefined }
  const full = resolve(io.cwd, path)
  if (!flags.bool('embed-certs')) return { [flag]: full, [`${flag}-data`]: undefined }
  const { readFile } = await import('node:fs/promises')
  const bytes = await readFile(full).catch((error: unknown) => {
    const why = fileProblem(error, path).replace(/^open /, 'stat ')
    throw new CliError(`could not stat ${flag} file ${path}: ${why}`)
  })
  return { [flag]: undefined, [`${flag}-data`]: bytes.toString('base64') }
}

function textFields(context: CommandContext, names: readonly string[]): Record<string, string | undefined> {
  const { flags } = context
  const given = names.filter((name) => flags.changed(name))
  return Object.fromEntries(given.map((name) => [name, flags.string(name) || undefined]))
}

async function saveEntry(
  context: CommandContext,
  list: EntryList,
  what: string,
  value: object,
): Promise<void> {
  const { args, io, session } = context
  const name = args[0] as string
  await saveKubeconfig(await session.kubeconfig(), { [list]: { [name]: value } })
  io.stdout.write(`${what} ${JSON.stringify(name)} set.\n`)
}

const embedFlag: Flag = {
  name: 'embed-certs',
  kind: 'bool',
  help: 'Store what the files hold, not their paths.',
}

export const setCluster: Command = {
  usage:
    'NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]',
  long: 'Make a cluster of the kubeconfig, or change fields of one.',
  flags: [embedFlag, { name: 'proxy-url', kind: 'string', help: 'Address of a proxy.' }],
  run: async (context) => {
    await checkArgs(context, setCluster, 1)
    const { flags } = context
    const insecure = flags.changed('insecure-skip-tls-verify')
      ? { 'insecure-skip-tls-verify': flags.bool('insecure-skip-tls-verify') || undefined }
      : {}
    await saveEntry(context, 'clusters', 'Cluster', {
      ...textFields(context, ['server', 'tls-server-name', 'proxy-url']),
      // A way to check the server and the word not to don't go together.
      ...(flags.string('certificate-authority') === '' ? {} : { 'insecure-skip-tls-verify': undefined }),
      ...insecure,
      ...(await fileField(context, 'certificate-authority')),
    })
  },
}

export const setCredentials: Command = {
  usage:
    'NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password]',
  long: 'Make a user of the kubeconfig, or change fields of one.',
  flags: [
    embedFlag,
    { name: 'username', kind: 'string', help: 'User name.' },
    { name: 'password', kind: 'string', help: 'Password.' },
  ],
  run: async (context) => {
    await checkArgs(context, setCredentials, 1)
    const { flags } = context
    const basic = flags.string('username') !== '' || flags.string('password') !== ''
    if (flags.string('token') !== '' && basic) {
      throw new CliError(
        'you cannot specify more than one authentication method at the same time: --token, --username/--password',
      )
    }
    await saveEntry(context, 'users', 'User', {
      ...textFields(context, ['token', 'username', 'password']),
      ...(await fileField(context, 'client-certificate')),
      ...(await fileField(context, 'client-key')),
    })
  },
}
