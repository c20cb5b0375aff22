import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Outcome, start } from './sandbox.ts'

export const weirProgram = new URL('../../bin/weir', import.meta.url).pathname

/** `bin/weir start` on free loopback ports, ready. Disposed it is told to stop, and killed when it does not. */
export interface StartedWeir extends AsyncDisposable {
  pid: number
  apiUrl: string
  registryUrl: string
  /** `127.0.0.1:<port>`, as image references have it. */
  registryHost: string
  dataDir: string
  adminToken: string
  caCert: string
  /** Everything on stdout up to now. */
  stdout(): string
  stderr(): string
  kill(signal: NodeJS.Signals): void
  ended: Promise<Outcome>
}

export interface StartOptions {
  dataDir: string
  env: Readonly<Record<string, string>>
  args?: readonly string[]
  program?: string
}

const freePorts = ['--listen', '127.0.0.1:0', '--registry-listen', '127.0.0.1:0']
/** Milliseconds. A start takes one second; a machine may be busy. */
const startPatience = 60_000
const stopPatience = 15_000

/** Runs until it says that it is ready; Error with its stderr when it ends instead. */
export async function startWeir({ dataDir, env, args = freePorts, program = weirProgram }: StartOptions) {
  const { child, ended, stdout, stderr } = spawnWeir(program, ['--data-dir', dataDir, ...args], env)
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', () => stdout().includes('weir is ready\n') && resolve())
  })
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), startPatience)
  const late = once(patience.signal, 'abort')
  const outcome = await Promise.race([ready, ended, late]).finally(() => clearTimeout(timer))
  if (outcome !== undefined) {
    child.kill('SIGKILL')
    throw new Error(`weir did not start: ${stderr()}`)
  }
  const [, apiUrl = '', registryUrl = ''] = /API +(\S+)\nRegistry +(\S+)/.exec(stdout()) ?? []
  const weir: StartedWeir = {
    pid: child.pid as number,
    apiUrl,
    registryUrl,
    registryHost: new URL(registryUrl).host,
    dataDir,
    adminToken: (await readFile(join(dataDir, 'pki', 'admin.token'), 'utf8')).trim(),
    caCert: await readFile(join(dataDir, 'pki', 'ca.crt'), 'utf8'),
    stdout,
    stderr,
    kill: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const killing = setTimeout(() => child.kill('SIGKILL'), stopPatience)
      await ended
      clearTimeout(killing)
    },
  }
  return weir
}

/** `weir start` that is expected to refuse. */
export async function failToStart({ dataDir, env, args = freePorts }: StartOptions): Promise<Outcome> {
  const { child, ended } = spawnWeir(weirProgram, ['--data-dir', dataDir, ...args], env)
  const timer = setTimeout(() => child.kill('SIGKILL'), startPatience)
  return ended.finally(() => clearTimeout(timer))
}

/** Starts and kills it after so many milliseconds, ready or not. */
export async function killWhileStarting({ dataDir, env, args = freePorts }: StartOptions, after: number) {
  const { child, ended } = spawnWeir(weirProgram, ['--data-dir', dataDir, ...args], env)
  const timer = setTimeout(() => child.kill('SIGKILL'), after)
  await ended.finally(() => clearTimeout(timer))
}

function spawnWeir(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = start(program, ['start', ...args], env, '/')
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ status: code ?? signal ?? 'unknown', stdout, stderr }))
  })
  return { child, ended, stdout: () => stdout, stderr: () => stderr }
}
