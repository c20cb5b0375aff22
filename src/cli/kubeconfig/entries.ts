import type { Cluster, Context, Kubeconfig, User } from './kubeconfig.ts'
import type { KubeconfigChanges } from './save.ts'
import type { Target } from './target.ts'

/** The entries that a login or a change of project leaves in the kubeconfig (cli.md §14.1, step 7). */

/** `127-0-0-1:8443`: host and port, the host's dots as dashes. */
export function clusterNickname(server: string): string {
  const url = new URL(server)
  const port = url.port || (url.protocol === 'http:' ? '80' : '443')
  return `${url.hostname.replaceAll('.', '-')}:${port}`
}

/** `project/cluster/user`, the user without what stands after its slash. */
export function contextNickname(namespace: string, cluster: string, user: string): string {
  return `${namespace}/${cluster}/${user.split('/')[0]}`
}

/** The name was made by {@link contextNickname}: users don't know it and need not read it. */
export function isGeneratedContext(name: string, context: Context | undefined): boolean {
  if (context === undefined) return false
  return name === contextNickname(context.namespace ?? '', context.cluster ?? '', context.user ?? '')
}

function clusterOf(target: Target): Cluster {
  return {
    server: target.server,
    ...(target.insecure ? { 'insecure-skip-tls-verify': true } : {}),
    ...(target.ca === undefined
      ? {}
      : { 'certificate-authority-data': Buffer.from(target.ca).toString('base64') }),
    ...(target.serverName === undefined ? {} : { 'tls-server-name': target.serverName }),
    ...(target.proxy === undefined ? {} : { 'proxy-url': target.proxy }),
  }
}

/** undefined when an entry of the file must go on being used, as one with a plugin. */
function userOf(target: Target): User | undefined {
  if (target.token !== undefined) return { token: target.token }
  if (target.exec !== undefined || target.basic !== undefined) return undefined
  if (target.cert === undefined || target.key === undefined) return undefined
  return {
    'client-certificate-data': Buffer.from(target.cert).toString('base64'),
    'client-key-data': Buffer.from(target.key).toString('base64'),
  }
}

export interface NewContext {
  name: string
  changes: KubeconfigChanges
}

/** A context for the project, of the server and user that the target names. `userName` is who the server says it is. */
export function planContext(
  config: Kubeconfig,
  target: Target,
  userName: string,
  namespace: string,
): NewContext {
  const cluster = clusterNickname(target.server)
  const user = userOf(target)
  const userKey = user === undefined ? target.userName : `${userName}/${cluster}`
  const name = contextNickname(namespace, cluster, userKey)
  const context: Context = { cluster, namespace, user: userKey }
  const same = [...config.contexts].find(
    ([, c]) => c.cluster === cluster && c.user === userKey && c.namespace === namespace,
  )
  return {
    name: same?.[0] ?? name,
    changes: {
      clusters: { [cluster]: clusterOf(target) },
      ...(user === undefined ? {} : { users: { [userKey]: user } }),
      ...(same === undefined ? { contexts: { [name]: context } } : {}),
      currentContext: same?.[0] ?? name,
    },
  }
}
