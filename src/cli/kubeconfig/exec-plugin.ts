import { spawn } from 'node:child_process'
import { BareError, CliError, messageOf } from '../errors.ts'
import type { ExecPlugin } from './kubeconfig.ts'

interface ExecCredential {
  kind?: string
  status?: {
    token?: string
    clientCertificateData?: string
    clientKeyData?: string
    expirationTimestamp?: string
  }
}

export interface ExecResult {
  token?: string
  /** PEM, with `key`. */
  cert?: string
  key?: string
}

/** Where the credentials are for; handed to plugins that want it. */
export interface ExecCluster {
  server: string
  ca?: string
  insecure: boolean
  serverName?: string
  proxy?: string
}

export interface ExecOptions {
  env: Readonly<Record<string, string | undefined>>
  cluster: ExecCluster
  /** Standard input is a terminal, at which a plugin may ask. */
  isTty: boolean
}

const patience = 60_000

/** Runs a client-go credential plugin (Kubernetes "client-go credential plugins"). */
export async function runExecPlugin(plugin: ExecPlugin, options: ExecOptions): Promise<ExecResult> {
  const mode = plugin.interactiveMode ?? 'IfAvailable'
  if (mode === 'Always' && !options.isTty)
    throw failed('exec plugin cannot support interactive mode: standard input is not a terminal')
  const interactive = mode !== 'Never' && options.isTty
  const info = JSON.stringify({
    apiVersion: plugin.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      ...(plugin.provideClusterInfo === true ? { cluster: clusterInfo(options.cluster) } : {}),
      interactive,
    },
  })
  const extra = Object.fromEntries((plugin.env ?? []).map((e) => [e.name, e.value]))
  try {
    return readCredential(
      await runPlugin(plugin, { ...options.env, ...extra, KUBERNETES_EXEC_INFO: info }, interactive),
    )
  } catch (error) {
    throw failed(`${messageOf(error)}${plugin.installHint ? `\n\n${plugin.installHint}` : ''}`)
  }
}

function failed(why: string): BareError {
  return new BareError(`Unable to connect to the server: getting credentials: ${why}`)
}

function clusterInfo({ server, ca, insecure, serverName, proxy }: ExecCluster): object {
  return {
    server,
    ...(serverName === undefined ? {} : { 'tls-server-name': serverName }),
    ...(insecure ? { 'insecure-skip-tls-verify': true } : {}),
    ...(ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
    ...(proxy === undefined ? {} : { 'proxy-url': proxy }),
  }
}

/** Its standard output; what it says on standard error goes where ours goes, as with kubectl. */
function runPlugin(
  { command, args }: ExecPlugin,
  env: Readonly<Record<string, string | undefined>>,
  interactive: boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args ?? [], {
      env: env as NodeJS.ProcessEnv,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
      ...(interactive ? {} : { timeout: patience }),
    })
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CliError(
          error.code === 'ENOENT' ? `exec: executable ${command} not found` : `exec: ${messageOf(error)}`,
        ),
      ),
    )
    child.once('close', (code, signal) =>
      code === 0
        ? resolve(stdout)
        : reject(new CliError(`exec: executable ${command} failed with exit code ${code ?? signal}`)),
    )
  })
}

function readCredential(stdout: string): ExecResult {
  let credential: ExecCredential
  try {
    credential = JSON.parse(stdout) as ExecCredential
  } catch (error) {
    throw new CliError(`decoding stdout: ${messageOf(error)}`)
  }
  const { token, clientCertificateData: cert, clientKeyData: key } = credential.status ?? {}
  if (token === undefined && cert === undefined)
    throw new CliError('exec plugin did not return a token or cert/key pair')
  if ((cert === undefined) !== (key === undefined))
    throw new CliError('exec plugin returned only certificate or key, not both')
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  }
}
