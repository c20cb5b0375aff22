import { isApiError } from '../../machinery/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { createPrinter, printFlags } from '../print/printer.ts'
import { whoAmI } from '../resources/identity.ts'

/** cli.md §14.3. */
export const whoamiCommand: Command = {
  usage: '',
  long: 'Show who the server takes you for, or with what you reach it.',
  flags: [
    ...printFlags,
    { name: 'show-console', kind: 'bool', help: 'Show the URL of the console.' },
    { name: 'show-context', short: 'c', kind: 'bool', help: 'Show the name of the current context.' },
    { name: 'show-server', kind: 'bool', help: 'Show the URL of the server.' },
    { name: 'show-token', short: 't', kind: 'bool', help: 'Show the token in use.' },
  ],
  run: runWhoami,
}

async function runWhoami(context: CommandContext): Promise<void> {
  const { flags, session, io } = context
  const shows = ['show-token', 'show-context', 'show-server', 'show-console'].filter((name) =>
    flags.bool(name),
  )
  if (shows.length > 1) {
    throw new CliError(
      '--show-token, --show-context, --show-server, and --show-console are mutually exclusive',
    )
  }
  if (shows.length > 0 && flags.string('output') !== '') {
    throw new CliError(
      '--output cannot be used with --show-token, --show-context, --show-server, or --show-console',
    )
  }
  if (shows.length > 0) {
    io.stdout.write(`${await show(context, shows[0] as string)}\n`)
    return
  }
  const printer = await createPrinter(flags, { cwd: io.cwd })
  const name = await whoAmI(await session.rest())
  if (printer === undefined) io.stdout.write(`${name}\n`)
  else {
    const user = {
      kind: 'User',
      apiVersion: 'user.openshift.io/v1',
      metadata: { name },
      identities: null,
      groups: null,
    }
    io.stdout.write(printer.print(user, true))
  }
}

async function show({ session }: CommandContext, what: string): Promise<string> {
  const target = await session.target()
  if (what === 'show-server') return target.server
  if (what === 'show-context') {
    if (target.contextName === '') throw new CliError('no context has been set')
    return target.contextName
  }
  if (what === 'show-token') {
    if (target.token === undefined) throw new CliError('no token is currently in use for this session')
    return target.token
  }
  const rest = await session.rest()
  try {
    const map = await rest.json<{ data?: { consoleURL?: string } }>({
      method: 'GET',
      path: '/api/v1/namespaces/openshift-config-managed/configmaps/console-public',
    })
    const url = map.data?.consoleURL
    if (url) return url
  } catch (error) {
    if (!isApiError(error, 'NotFound'))
      throw new CliError(`unable to determine console location: ${(error as Error).message}`)
    return target.server
  }
  throw new CliError('unable to determine console location from the cluster')
}
