import type { Command, CommandContext, Group } from '../command.ts'
import { BareError, CliError } from '../errors.ts'
import { visible } from '../io.ts'
import type { Cluster, Context, Kubeconfig, User } from '../kubeconfig/kubeconfig.ts'
import { saveKubeconfig } from '../kubeconfig/save.ts'
import { createPrinter, printFlags } from '../print/printer.ts'
import { formatTabs, tableLayout } from '../print/tab-writer.ts'
import {
  checkArgs,
  deleteCluster,
  deleteContext,
  deleteUser,
  renameContext,
  setCluster,
  setCredentials,
  setProperty,
  unsetProperty,
} from './config-edit.ts'

/** `config`: what the kubeconfig holds, and which context is in use, as kubectl tells it. */

const minifyFlag = { name: 'minify', kind: 'bool', help: 'Only what the current context uses.' } as const

const view: Command = {
  usage: '',
  long: 'Show the kubeconfig as all its files together make it. Certificates, keys and tokens are left out unless --raw asks for them.',
  flags: [
    ...printFlags,
    minifyFlag,
    { name: 'raw', kind: 'bool', help: 'Show certificates, keys and tokens.' },
  ],
  run: runView,
}

const getContexts: Command = {
  usage: '[NAME...]',
  long: 'Show the contexts of the kubeconfig; * stands before the current one.',
  flags: [
    { name: 'no-headers', kind: 'bool', help: 'No line of titles.' },
    { name: 'output', short: 'o', kind: 'string', help: 'name.' },
  ],
  run: runGetContexts,
}

const currentContext: Command = {
  usage: '',
  long: 'Show the name of the current context.',
  run: async ({ session, io }) => {
    const { currentContext: name } = await session.kubeconfig()
    if (name === '') throw new CliError('current-context is not set')
    io.stdout.write(`${visible(name)}\n`)
  },
}

const useContext: Command = {
  usage: 'NAME',
  long: 'Make a context the current one.',
  run: async (context) => {
    await checkArgs(context, useContext, 1)
    const { session, args, io } = context
    const [name] = args as [string]
    const config = await session.kubeconfig()
    if (!config.contexts.has(name))
      throw new CliError(`no context exists with the name: ${JSON.stringify(name)}`)
    await saveKubeconfig(config, { currentContext: name })
    io.stdout.write(`Switched to context ${JSON.stringify(name)}.\n`)
  },
}

const setContext: Command = {
  usage: '[NAME | --current] [--cluster=NAME] [--user=NAME] [--namespace=NAME]',
  long: 'Make a context, or change one.',
  examples: `# Another namespace for what follows
$0 config set-context --current --namespace=demo`,
  flags: [{ name: 'current', kind: 'bool', help: 'Change the current context.' }],
  run: runSetContext,
}

const named = (list: 'clusters' | 'users'): Command => ({
  usage: '',
  long: `Show the names of the ${list} of the kubeconfig.`,
  run: async ({ session, io }) => {
    const names = [...(await session.kubeconfig())[list].keys()].sort()
    io.stdout.write(['NAME', ...names].map((name) => `${visible(name)}\n`).join(''))
  },
})

const entry = (name: string, short: string, command: Command) => ({
  name,
  short,
  load: () => Promise.resolve(command),
})

export const configGroup: Group = {
  long: 'See and change the kubeconfig: servers, users and contexts.',
  entries: [
    entry('current-context', 'Show the name of the current context', currentContext),
    entry('delete-cluster', 'Take a cluster out', deleteCluster),
    entry('delete-context', 'Take a context out', deleteContext),
    entry('delete-user', 'Take a user out', deleteUser),
    entry('get-clusters', 'Show the clusters', named('clusters')),
    entry('get-contexts', 'Show the contexts', getContexts),
    entry('get-users', 'Show the users', named('users')),
    entry('rename-context', 'Give a context another name', renameContext),
    entry('set', 'Set one value', setProperty),
    entry('set-cluster', 'Make a cluster, or change one', setCluster),
    entry('set-context', 'Make a context, or change one', setContext),
    entry('set-credentials', 'Make a user, or change one', setCredentials),
    entry('unset', 'Take one value out', unsetProperty),
    { ...entry('use-context', 'Make a context the current one', useContext), aliases: ['use'] },
    entry('view', 'Show the kubeconfig', view),
  ],
}

const hiddenData = 'DATA+OMITTED'
const hiddenFields: Readonly<Record<string, string>> = {
  'certificate-authority-data': hiddenData,
  'client-certificate-data': hiddenData,
  'client-key-data': hiddenData,
  token: 'REDACTED',
  password: 'REDACTED',
}

function redacted<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, one === '' ? one : (hiddenFields[key] ?? one)]),
  ) as T
}

/** Only what the current context uses. */
function minified(config: Kubeconfig): Pick<Kubeconfig, 'clusters' | 'users' | 'contexts'> {
  const context = config.contexts.get(config.currentContext)
  if (context === undefined) throw new CliError('current-context must exist in order to minify')
  const only = <T>(map: ReadonlyMap<string, T>, name = '') =>
    new Map([...map].filter(([key]) => key === name))
  return {
    contexts: only(config.contexts, config.currentContext),
    clusters: only(config.clusters, context.cluster),
    users: only(config.users, context.user),
  }
}

/** Cluster and user are shown even where they are not set. */
function wholeContexts(contexts: ReadonlyMap<string, Context>): Map<string, Context> {
  return new Map([...contexts].map(([name, context]) => [name, { cluster: '', user: '', ...context }]))
}

async function runView({ session, flags, io }: CommandContext): Promise<void> {
  const config = await session.kubeconfig()
  const { clusters, users, contexts } = flags.bool('minify') ? minified(config) : config
  const show = flags.bool('raw') ? <T>(value: T) => value : redacted
  const list = <T extends object>(map: ReadonlyMap<string, T>, field: string) =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => ({ name, [field]: show(value) }))
  const object = {
    kind: 'Config',
    apiVersion: 'v1',
    preferences: {},
    clusters: list<Cluster>(clusters, 'cluster'),
    users: list<User>(users, 'user'),
    contexts: list<Context>(wholeContexts(contexts), 'context'),
    'current-context': config.currentContext,
  }
  const printer = await createPrinter(flags, { cwd: io.cwd, typed: true })
  const { formatYaml } = await import('../print/format-yaml.ts')
  io.stdout.write(printer === undefined ? formatYaml(object) : printer.print(object as never, true))
}

async function runGetContexts({ session, args, flags, io }: CommandContext): Promise<void> {
  const config = await session.kubeconfig()
  const output = flags.string('output')
  if (!['', 'name'].includes(output)) throw new CliError(`output must be one of '' or 'name'`)
  const names =
    args.length > 0 ? args.filter((name) => config.contexts.has(name)) : [...config.contexts.keys()].sort()
  const missing = args.filter((name) => !config.contexts.has(name))
  const rows = names.map((name) => {
    const { cluster = '', user = '', namespace = '' } = config.contexts.get(name) ?? {}
    return output === 'name'
      ? `${name}\n`
      : `${name === config.currentContext ? '*' : ''}\t${name}\t${cluster}\t${user}\t${namespace}\n`
  })
  const head =
    output === 'name' || flags.bool('no-headers') ? '' : 'CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n'
  const text = visible(`${head}${rows.join('')}`)
  io.stdout.write(output === 'name' ? text : formatTabs(text, tableLayout))
  if (missing.length > 0)
    throw new BareError(missing.map((name) => `error: context ${name} not found`).join('\n'))
}

async function runSetContext(context: CommandContext): Promise<void> {
  if (context.args.length > 1) await checkArgs(context, setContext, 1)
  const { session, args, flags, io } = context
  const config = await session.kubeconfig()
  const current = flags.bool('current')
  if (current && args.length > 0) throw new CliError('you cannot specify both a context name and --current')
  const name = current ? config.currentContext : args[0]
  if (name === undefined) throw new CliError('you must specify a non-empty context name or --current')
  if (current && !config.contexts.has(name)) throw new CliError('no current context is set')
  const change: Context = {
    ...(flags.changed('cluster') ? { cluster: flags.string('cluster') } : {}),
    ...(flags.changed('user') ? { user: flags.string('user') } : {}),
    ...(flags.changed('namespace') ? { namespace: flags.string('namespace') } : {}),
  }
  await saveKubeconfig(config, { contexts: { [name]: change } })
  io.stdout.write(`Context ${JSON.stringify(name)} ${config.contexts.has(name) ? 'modified' : 'created'}.\n`)
}
