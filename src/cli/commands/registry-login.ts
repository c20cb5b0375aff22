import type { Command, CommandContext } from '../command.ts'
import { CliError, messageOf } from '../errors.ts'
import { loginFile, type RegistryCredentials, saveCredentials } from '../registry/auth-file.ts'
import { createRegistry, refusal } from '../registry/registry-client.ts'
import { userAgent } from '../version.ts'
import { findHosts } from './registry-info.ts'

/** cli.md §15, `registry login`. */
export const registryLoginCommand: Command = {
  usage: '',
  long: 'Log in to the integrated registry with the token of the session, for podman, docker and skopeo.',
  examples: `# Then podman can push
$0 registry login
podman push localhost/app 127.0.0.1:5000/demo/app:latest`,
  flags: [
    { name: 'auth-basic', kind: 'string', help: 'Credentials to use instead, as user:password.' },
    {
      name: 'insecure',
      kind: 'bool',
      help: 'The registry may speak HTTP or have a certificate that nobody vouches for.',
    },
    { name: 'registry', kind: 'string', help: 'Host of the registry.' },
    { name: 'registry-config', short: 'a', kind: 'string', help: 'The file that credentials are saved in.' },
    {
      name: 'service-account',
      short: 'z',
      kind: 'string',
      help: 'Log in as a service account.',
      deprecated: 'and will be removed in the future version. Use oc create token instead.',
    },
    { name: 'skip-check', kind: 'bool', help: "Don't try the credentials." },
    { name: 'to', kind: 'string', help: 'The same as --registry-config.' },
  ],
  run: runLogin,
}

interface AccountSecrets {
  secrets?: { name?: string }[]
}

/** The token of the first secret of the account that holds one. */
async function accountCredentials(
  { session }: CommandContext,
  account: string,
): Promise<RegistryCredentials> {
  const rest = await session.rest()
  const root = `/api/v1/namespaces/${await session.namespace()}`
  const { secrets = [] } = await rest.json<AccountSecrets>({
    method: 'GET',
    path: `${root}/serviceaccounts/${account}`,
  })
  for (const { name } of secrets) {
    const secret = await rest
      .json<{ type?: string; data?: { token?: string } }>({ method: 'GET', path: `${root}/secrets/${name}` })
      .catch(() => undefined)
    const token = secret?.data?.token
    if (secret?.type === 'kubernetes.io/service-account-token' && token) {
      return { username: 'user', password: Buffer.from(token, 'base64').toString('utf8') }
    }
  }
  throw new CliError(`the service account ${account} had no valid secrets associated with it`)
}

async function readCredentials(context: CommandContext): Promise<RegistryCredentials> {
  const { flags, session } = context
  const basic = flags.string('auth-basic')
  if (basic !== '') {
    const colon = basic.indexOf(':')
    if (colon === -1) throw new CliError('--auth-basic must be in the form user:password')
    return { username: basic.slice(0, colon), password: basic.slice(colon + 1) }
  }
  if (flags.string('service-account') !== '')
    return accountCredentials(context, flags.string('service-account'))
  const { token } = await session.target()
  if (token === undefined) throw new CliError('no token is currently in use for this session')
  return { username: 'user', password: token }
}

async function findHost(context: CommandContext): Promise<string> {
  const { flags, io } = context
  if (flags.string('registry') !== '') return flags.string('registry')
  const hosts = await findHosts(context).catch(() => undefined)
  if (hosts?.public) {
    io.stderr.write(`info: Using registry public hostname ${hosts.public}\n`)
    return hosts.public
  }
  if (hosts?.internal) {
    io.stderr.write(`info: Using internal registry hostname ${hosts.internal}\n`)
    return hosts.internal
  }
  throw new CliError(
    'The public hostname of the integrated registry could not be determined. Please specify one with --registry.',
  )
}

/** Pings the registry with the credentials. */
async function check(
  { flags, io, program }: CommandContext,
  host: string,
  credentials: RegistryCredentials,
): Promise<void> {
  using registry = createRegistry({
    host,
    repository: '',
    insecure: flags.bool('insecure'),
    credentials,
    connect: (options) => io.connect({ ...options, proxyEnv: io.env }),
    userAgent: userAgent(program),
  })
  const hint = 'unable to check your credentials - pass --skip-check to bypass this error'
  try {
    const response = await registry.send({ method: 'GET', path: '' })
    if (response.status === 401 || response.status === 403) throw await refusal(response, 'check')
    response.body.destroy()
  } catch (error) {
    throw new CliError(`${hint}: ${messageOf(error)}`)
  }
}

async function runLogin(context: CommandContext): Promise<void> {
  const { flags, io } = context
  const credentials = await readCredentials(context)
  const host = await findHost(context)
  if (!flags.bool('skip-check')) await check(context, host, credentials)
  const named = flags.string('to') || flags.string('registry-config')
  await saveCredentials(loginFile(named, io.env, io.cwd), host, credentials)
  io.stdout.write(`Saved credentials for ${host} into ${named || loginFile('', io.env, io.cwd)}\n`)
}
