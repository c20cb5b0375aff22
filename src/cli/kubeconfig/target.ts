import { readFile } from 'node:fs/promises'
import type { Impersonation } from '../../client/index.ts'
import { CliError, messageOf } from '../errors.ts'
import type { Cluster, ExecPlugin, Kubeconfig, User } from './kubeconfig.ts'

/** What the flags and the current context together mean: one server, one way to log in, one namespace. */
export interface Target {
  server: string
  /** '' when no context is used. */
  contextName: string
  clusterName: string
  userName: string
  namespace: string
  /** --namespace was given. */
  namespaceGiven: boolean
  ca?: string
  cert?: string
  key?: string
  insecure: boolean
  serverName?: string
  proxy?: string
  token?: string
  /** Read afresh for each command; wins over nothing, loses to `token`. */
  basic?: string
  exec?: ExecPlugin
  impersonate?: Impersonation
}

export interface TargetFlags {
  server: string
  token: string
  context: string
  cluster: string
  user: string
  namespace: string
  ca: string
  cert: string
  key: string
  serverName: string
  insecure: boolean
  insecureGiven: boolean
  as: string
  asUid: string
  asGroups: readonly string[]
}

const incomplete = `Missing or incomplete configuration info.  Please point to an existing, complete config file:


  1. Via the command-line flag --kubeconfig
  2. Via the KUBECONFIG environment variable
  3. In your home directory as ~/.kube/config

To view or setup config directly use the 'config' command.`

export function incompleteConfig(): CliError {
  return new CliError(incomplete)
}

async function readPem(
  data: string | undefined,
  file: string | undefined,
  what: string,
): Promise<string | undefined> {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8')
  if (file === undefined || file === '') return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new CliError(`unable to read ${what} ${file} due to ${messageOf(error)}`)
  }
}

function pick<T>(map: ReadonlyMap<string, T>, name: string, what: string): T | undefined {
  if (name === '') return undefined
  const found = map.get(name)
  if (found === undefined) throw new CliError(`${what} "${name}" does not exist`)
  return found
}

/** A server without a scheme is reached by https, as kubectl does. */
function completeServer(server: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(server) ? server : `https://${server}`
}

async function tlsOf(cluster: Cluster, user: User, flags: TargetFlags): Promise<Partial<Target>> {
  // A flag that says how to check the server replaces all that the kubeconfig says about it.
  const own = flags.ca !== '' || flags.insecureGiven
  const insecure = own ? flags.insecure : cluster['insecure-skip-tls-verify'] === true
  const ca = own
    ? await readPem(undefined, flags.ca, 'certificate-authority')
    : await readPem(
        cluster['certificate-authority-data'],
        cluster['certificate-authority'],
        'certificate-authority',
      )
  const cert =
    flags.cert !== ''
      ? await readPem(undefined, flags.cert, 'client-cert')
      : await readPem(user['client-certificate-data'], user['client-certificate'], 'client-cert')
  const key =
    flags.key !== ''
      ? await readPem(undefined, flags.key, 'client-key')
      : await readPem(user['client-key-data'], user['client-key'], 'client-key')
  const serverName = flags.serverName || cluster['tls-server-name']
  return {
    insecure,
    ...(ca === undefined || insecure ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName ? { serverName } : {}),
    ...(cluster['proxy-url'] ? { proxy: cluster['proxy-url'] } : {}),
  }
}

async function credentialsOf(user: User, flags: TargetFlags): Promise<Partial<Target>> {
  if (flags.token !== '') return { token: flags.token }
  if (user.token) return { token: user.token }
  if (user.tokenFile) return { token: ((await readPem(undefined, user.tokenFile, 'tokenFile')) ?? '').trim() }
  if (user.username)
    return { basic: Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64') }
  return user.exec === undefined || user.exec === null ? {} : { exec: user.exec }
}

function impersonationOf(user: User, flags: TargetFlags): { impersonate?: Impersonation } {
  const as = flags.as || (user.as ?? '')
  const uid = flags.asUid || (user['as-uid'] ?? '')
  const groups = flags.asGroups.length > 0 ? flags.asGroups : (user['as-groups'] ?? [])
  if (as === '') {
    if (uid === '' && groups.length === 0) return {}
    throw new CliError('requesting uid, groups or user-extra for  without impersonating a user')
  }
  return { impersonate: { user: as, uid, groups, extra: user['as-user-extra'] ?? {} } }
}

/** undefined when nothing names a server. */
export async function resolveTarget(config: Kubeconfig, flags: TargetFlags): Promise<Target | undefined> {
  const contextName = flags.context || config.currentContext
  const context =
    flags.context === '' ? config.contexts.get(contextName) : pick(config.contexts, contextName, 'context')
  const clusterName = flags.cluster || (context?.cluster ?? '')
  const userName = flags.user || (context?.user ?? '')
  const cluster =
    (flags.cluster === ''
      ? config.clusters.get(clusterName)
      : pick(config.clusters, clusterName, 'cluster')) ?? {}
  const user =
    (flags.user === '' ? config.users.get(userName) : pick(config.users, userName, 'auth info')) ?? {}
  const server = flags.server || (cluster.server ?? '')
  if (server === '') return undefined
  return {
    server: completeServer(server),
    contextName: context === undefined ? '' : contextName,
    clusterName,
    userName,
    namespace: flags.namespace || context?.namespace || 'default',
    namespaceGiven: flags.namespace !== '',
    insecure: false,
    ...(await tlsOf(cluster, user, flags)),
    ...(await credentialsOf(user, flags)),
    ...impersonationOf(user, flags),
  }
}
