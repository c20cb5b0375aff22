import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CliError, messageOf } from '../errors.ts'
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
  cert?: string
  key?: string
}

/** Runs a client-go credential plugin (Kubernetes "client-go credential plugins"). */
export async function runExecPlugin(
  plugin: ExecPlugin,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ExecResult> {
  const apiVersion = plugin.apiVersion ?? 'client.authentication.k8s.io/v1'
  const extra = Object.fromEntries((plugin.env ?? []).map((e) => [e.name, e.value]))
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } })
  let stdout: string
  try {
    const run = promisify(execFile)
    const result = await run(plugin.command, plugin.args ?? [], {
      env: { ...env, ...extra, KUBERNETES_EXEC_INFO: info },
      maxBuffer: 1 << 20,
      timeout: 60_000,
    })
    stdout = result.stdout
  } catch (error) {
    const hint = plugin.installHint ? `\n\n${plugin.installHint}` : ''
    throw new CliError(`getting credentials: exec: ${messageOf(error)}${hint}`)
  }
  return readCredential(stdout)
}

function readCredential(stdout: string): ExecResult {
  let credential: ExecCredential
  try {
    credential = JSON.parse(stdout) as ExecCredential
  } catch (error) {
    throw new CliError(`getting credentials: decoding stdout: ${messageOf(error)}`)
  }
  const { token, clientCertificateData: cert, clientKeyData: key } = credential.status ?? {}
  if (token === undefined && cert === undefined) {
    throw new CliError(
      'getting credentials: exec plugin did not return a status with a token or a certificate',
    )
  }
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}
