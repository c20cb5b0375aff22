import { type Rest, TransportError } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { BareError, CliError } from '../errors.ts'
import { planContext } from '../kubeconfig/entries.ts'
import { defaultFile } from '../kubeconfig/kubeconfig.ts'
import { saveKubeconfig } from '../kubeconfig/save.ts'
import type { Target } from '../kubeconfig/target.ts'
import { readLine } from '../prompt.ts'
import { whoAmI, whoAmIOrToken } from '../resources/identity.ts'
import { chooseProject } from './login-projects.ts'

/** cli.md §14.1, auth.md §3. */
export const loginCommand: Command = {
  usage: '[URL]',
  long: `Log in to a server and keep the token for the commands that follow.

Without --token the user name and password are asked for, or taken from the flags.`,
  examples: `# With a password
$0 login https://127.0.0.1:8443 -u admin

# With a token
$0 login --token=sha256~… --server=https://127.0.0.1:8443`,
  flags: [
    { name: 'auto-open-browser', kind: 'bool', default: true, help: 'With --web: open the browser.' },
    {
      name: 'callback-port',
      short: 'c',
      kind: 'int',
      help: 'With --web: the port that the browser comes back to.',
    },
    { name: 'password', short: 'p', kind: 'string', help: 'Password.' },
    { name: 'username', short: 'u', kind: 'string', help: 'User name.' },
    { name: 'web', short: 'w', kind: 'bool', help: 'Log in with the browser.' },
  ],
  run: runLogin,
}

function checkFlags({ flags, args }: CommandContext): void {
  if (args.length > 1) throw new CliError('Only the server URL may be specified as an argument')
  if (args.length === 1 && flags.string('server') !== '') {
    throw new CliError('--server and passing the server URL as an argument are mutually exclusive')
  }
  const token = flags.string('token') !== ''
  const name = flags.string('username') !== ''
  if (token && name) throw new CliError('--token and --username are mutually exclusive')
  if (flags.bool('web') && (token || name || flags.string('password') !== '')) {
    throw new CliError('--web cannot be used along with --username, --password or --token')
  }
  if (flags.changed('callback-port') && !flags.bool('web')) {
    throw new CliError('--callback-port can only be specified along with --web or --exec-plugin')
  }
}

/** A bare host is reached by https at port 443; the query of a URL is dropped (cli.md §14.1). */
export function normalizeServer(text: string): string {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`
  let url: URL
  try {
    url = new URL(full)
  } catch {
    throw new CliError(`parse ${JSON.stringify(text)}: invalid server URL`)
  }
  const port = url.port || (url.protocol === 'http:' ? '80' : '443')
  return `${url.protocol}//${url.hostname}:${port}${url.pathname.replace(/\/+$/, '')}`
}

async function serverOf(context: CommandContext): Promise<string> {
  const { args, flags, session, io } = context
  const given = args[0] ?? flags.string('server')
  if (given !== '') return normalizeServer(given)
  const current = await session.findTarget()
  if (current !== undefined) return current.server
  if (io.stdin.isTTY !== true) throw new CliError('A server URL must be specified')
  io.stdout.write('Server [https://localhost:8443]: ')
  return normalizeServer((await readLine(io)).trim() || 'https://localhost:8443')
}

/** The server of the login, with what the kubeconfig knows of it and the flags say. */
async function loginTarget(context: CommandContext): Promise<Target> {
  const { session, flags } = context
  const server = await serverOf(context)
  const { resolveTarget } = await import('../kubeconfig/target.ts')
  const config = await session.kubeconfig()
  const known = [...config.clusters].find(([, cluster]) => cluster.server === server)
  const target = await resolveTarget(config, {
    server,
    cluster: known?.[0] ?? '',
    token: flags.string('token'),
    context: flags.string('context'),
    user: flags.string('user'),
    namespace: flags.string('namespace'),
    ca: flags.string('certificate-authority'),
    cert: flags.string('client-certificate'),
    key: flags.string('client-key'),
    serverName: flags.string('tls-server-name'),
    insecure: flags.bool('insecure-skip-tls-verify'),
    insecureGiven: flags.changed('insecure-skip-tls-verify'),
    as: '',
    asUid: '',
    asGroups: [],
  })
  return target as Target
}

const htmlHint =
  'Seems you passed an HTML page (console?) instead of server URL.\nVerify provided address and try again.'
const unknownAuthority =
  'The server uses a certificate signed by unknown authority. You may need to use the --certificate-authority flag to provide the path to a certificate file for the certificate authority, or --insecure-skip-tls-verify to bypass the certificate check and use insecure connections.'

/** Step 1: is there a server, and who vouches for it? Resolves to the target to go on with. */
async function probe(context: CommandContext, target: Target): Promise<Target> {
  const { io, session } = context
  const { token: _, ...bare } = target
  try {
    const rest = await session.restFor(bare)
    const { headers } = await rest.attempt({ method: 'HEAD', path: '/', accept: null })
    if (headers['content-type']?.startsWith('text/html')) throw new CliError(htmlHint)
    return target
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    if (error.kind !== 'unknown-authority') {
      throw new CliError(
        `${error.message} - verify you have provided the correct host and port and that the server is currently running.`,
      )
    }
    if (io.stdin.isTTY !== true) throw new CliError(unknownAuthority)
    io.stdout.write(
      'The server uses a certificate signed by an unknown authority.\nYou can bypass the certificate check, but any data you send to the server could be intercepted by others.\nUse insecure connections? (y/n): ',
    )
    if (!/^y(es)?$/i.test((await readLine(io)).trim())) throw new CliError(unknownAuthority)
    io.stdout.write('\n')
    const { ca: _ca, ...rest } = target
    return { ...rest, insecure: true }
  }
}

async function runLogin(context: CommandContext): Promise<void> {
  checkFlags(context)
  const { io, session, flags } = context
  const config = await session.kubeconfig()
  const target = await probe(context, await loginTarget(context))
  if (target.insecure) {
    io.stdout.write('WARNING: Using insecure TLS client config. Setting this option is not supported!\n\n')
  }
  const { token, user, how } = await logIn(context, target)
  const loggedIn: Target = { ...target, token }
  const rest = await session.restFor(loggedIn)
  io.stdout.write(
    how === 'password'
      ? 'Login successful.\n\n'
      : `Logged into "${target.server}" as "${user}" using ${how}.\n\n`,
  )
  const project = await chooseProject(context, rest, target.namespace)
  const planned = planContext(config, loggedIn, user, project)
  const fresh = config.existing.length === 0 && defaultFile(config) === `${io.env.HOME ?? ''}/.kube/config`
  await saveKubeconfig(config, planned.changes)
  if (fresh && !io.env.KUBECONFIG && flags.string('kubeconfig') === '') {
    io.stdout.write(`Welcome! See '${context.program} help' to get started.\n`)
  }
  await showMessageOfTheDay(rest, context)
}

interface LoggedIn {
  token: string
  user: string
  how: 'password' | 'the token provided' | 'existing credentials'
}

async function logIn(context: CommandContext, target: Target): Promise<LoggedIn> {
  const { flags, session } = context
  const given = flags.string('token')
  if (given !== '') {
    try {
      const user = await whoAmIOrToken(await session.restFor(target), given)
      return { token: given, user, how: 'the token provided' }
    } catch (error) {
      if (isApiError(error) && error.code === 401)
        throw new BareError('error: The token provided is invalid or expired.\n\n')
      throw error
    }
  }
  const stored = flags.string('password') === '' ? await findStored(context, target) : undefined
  if (stored !== undefined) return stored
  const { askForToken } = await import('./login-oauth.ts')
  const token = await askForToken(context, target)
  const user = await whoAmIOrToken(await session.restFor({ ...target, token }), token)
  return { token, user, how: 'password' }
}

/** Credentials of this server and user that are kept and still good (step 4). */
async function findStored(context: CommandContext, target: Target): Promise<LoggedIn | undefined> {
  const { flags, session } = context
  const wanted = flags.string('username')
  if (wanted === '') return undefined
  const config = await session.kubeconfig()
  const { clusterNickname } = await import('../kubeconfig/entries.ts')
  const stored = config.users.get(`${wanted}/${clusterNickname(target.server)}`)
  if (stored?.token === undefined) return undefined
  try {
    const user = await whoAmI(await session.restFor({ ...target, token: stored.token }))
    return user === wanted ? { token: stored.token, user, how: 'existing credentials' } : undefined
  } catch (error) {
    if (isApiError(error)) return undefined
    throw error
  }
}

async function showMessageOfTheDay(rest: Rest, { io }: CommandContext): Promise<void> {
  try {
    const path = '/api/v1/namespaces/openshift/configmaps/motd'
    const { data } = await rest.json<{ data?: { message?: string } }>({ method: 'GET', path })
    if (data?.message) io.stdout.write(`${data.message}\n`)
  } catch (error) {
    if (!isApiError(error)) throw error
  }
}
