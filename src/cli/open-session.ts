import { join } from 'node:path'
import { type ApiResource, createRest, findResource, type Rest, type RestOptions } from '../client/index.ts'
import { createDiscoveryCache } from './discovery-cache.ts'
import { CliError, FlagError, NoResourceTypeError } from './errors.ts'
import { type Io, visible } from './io.ts'
import type { ExecResult } from './kubeconfig/exec-plugin.ts'
import { inClusterTarget } from './kubeconfig/in-cluster.ts'
import { kubeconfigFiles, loadKubeconfig } from './kubeconfig/load.ts'
import { incompleteConfig, resolveTarget, type Target, type TargetFlags } from './kubeconfig/target.ts'
import { once } from './once.ts'
import type { Parsed } from './parse/flags.ts'
import { parseDuration } from './parse/values.ts'
import { emphasized } from './print/emphasized.ts'
import type { Session } from './session.ts'
import { createTrace } from './trace.ts'
import { userAgent } from './version.ts'

/** A command's own `--user` (`create rolebinding`) is a list, and says nothing about who is asking. */
function ownUser(flags: Parsed): string {
  const user: unknown = flags.string('user')
  return typeof user === 'string' ? user : ''
}

function targetFlags(flags: Parsed): TargetFlags {
  return {
    server: flags.string('server'),
    token: flags.string('token'),
    context: flags.string('context'),
    cluster: flags.string('cluster'),
    user: ownUser(flags),
    namespace: flags.string('namespace'),
    ca: flags.string('certificate-authority'),
    cert: flags.string('client-certificate'),
    key: flags.string('client-key'),
    serverName: flags.string('tls-server-name'),
    insecure: flags.bool('insecure-skip-tls-verify'),
    insecureGiven: flags.changed('insecure-skip-tls-verify'),
    as: flags.string('as'),
    asUid: flags.string('as-uid'),
    asGroups: flags.list('as-group'),
  }
}

/** A type with a group is told by its name alone. */
function shownType(type: string): string {
  return type.split('.')[0] ?? type
}

/** Milliseconds; a bare number means seconds. */
function parseTimeout(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text)
  if (value === undefined) {
    throw new FlagError(
      'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
    )
  }
  return value
}

/** Undefined unless an exec plugin is what the server is logged in to by. */
function execLogin(target: Target, io: Io): (() => Promise<ExecResult>) | undefined {
  const { token, basic, exec } = target
  if (token !== undefined || basic !== undefined || exec === undefined) return undefined
  return async () => {
    const { runExecPlugin } = await import('./kubeconfig/exec-plugin.ts')
    return runExecPlugin(exec, { env: io.env, cluster: target, isTty: io.stdin.isTTY === true })
  }
}

/** Where tokens come from; an exec plugin is run again when the server refuses its token. */
function authorizationOf(
  { token, basic }: Target,
  first: ExecResult | undefined,
  again: (() => Promise<ExecResult>) | undefined,
): RestOptions['authorization'] {
  if (token !== undefined) return () => Promise.resolve(`Bearer ${token}`)
  if (basic !== undefined) return () => Promise.resolve(`Basic ${basic}`)
  if (first?.token === undefined || again === undefined) return undefined
  let current: string | undefined = first.token
  return async (rejected) => {
    if (rejected) current = (await again()).token
    return current === undefined ? undefined : `Bearer ${current}`
  }
}

/** The session itself; what the server warns of is added to `warnings`. */
export function openSession(io: Io, flags: Parsed, program: string, warnings: Set<string>): Session {
  const open: Disposable[] = []
  const wanted = targetFlags(flags)

  const kubeconfig = once(() => {
    const flag = flags.string('kubeconfig') || flags.string('config')
    const { files, explicit } = kubeconfigFiles(flag, io.env, io.cwd)
    return loadKubeconfig(files, explicit)
  })
  const findTarget = once(async () => {
    const config = await kubeconfig()
    const target = await resolveTarget(config, wanted)
    if (target !== undefined) return target
    return config.existing.length === 0 ? inClusterTarget(io.env, wanted.namespace) : undefined
  })
  const target = async () => {
    const found = await findTarget()
    if (found !== undefined) return found
    const config = await kubeconfig()
    if (config.explicit && config.existing.length === 0) {
      throw new CliError(`stat ${config.files[0]}: no such file or directory`)
    }
    throw incompleteConfig()
  }

  function warn(text: string): void {
    if (warnings.has(text)) return
    warnings.add(text)
    io.stderr.write(`${emphasized('Warning:', io)} ${visible(text)}\n`)
  }

  async function restFor(to: Target): Promise<Rest> {
    const login = execLogin(to, io)
    const first = await login?.()
    const { cert, key } = first ?? {}
    const own = cert === undefined || key === undefined ? {} : { cert, key }
    const transport = io.connect({ ...to, ...own, proxyEnv: io.env })
    open.push(transport)
    const level = Math.max(flags.int('v'), flags.int('loglevel'))
    const authorization = authorizationOf(to, first, login)
    return createRest({
      transport,
      server: to.server,
      userAgent: userAgent(program),
      timeout: parseTimeout(flags.string('request-timeout')),
      onWarning: warn,
      ...(authorization === undefined ? {} : { authorization }),
      ...(to.impersonate === undefined ? {} : { impersonate: to.impersonate }),
      ...(level >= 6 ? { trace: createTrace(io, level) } : {}),
    })
  }
  const rest = once(async () => restFor(await target()))

  const cacheDir =
    flags.string('cache-dir') || io.env.KUBECACHEDIR || join(io.env.HOME ?? '/', '.kube', 'cache')
  const discovery = createDiscoveryCache({ rest, target, folder: cacheDir, now: io.now })

  async function resource(type: string): Promise<ApiResource> {
    const found = await discovery.find((discovered) => findResource(discovered, type))
    if (found !== undefined) return found
    throw new NoResourceTypeError(`the server doesn't have a resource type "${shownType(type)}"`)
  }

  return {
    kubeconfig,
    target,
    findTarget,
    rest,
    restFor,
    namespace: async () => (await target()).namespace,
    discovery,
    resource,
    warnings,
    close: () => {
      for (const one of open) one[Symbol.dispose]()
    },
  }
}
