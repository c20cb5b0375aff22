import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a program printed, and how it ended: its exit code, or the signal's name. */
export interface Outcome {
  status: number | string
  stdout: string
  stderr: string
}

export interface RunOptions {
  stdin?: string
  env?: Readonly<Record<string, string>>
  /** Milliseconds; then the program is killed. */
  timeout?: number
}

/** A home of their own for real programs: nothing of the user's is read or written. Removed when disposed. */
export interface Sandbox extends AsyncDisposable {
  dir: string
  env: Readonly<Record<string, string>>
  path(...parts: string[]): string
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Outcome>
  /** As run; an exit code other than 0 throws, with all that was printed. */
  must(program: string, args: readonly string[], options?: RunOptions): Promise<string>
}

const compileCache = new URL('../../node_modules/.cache/weir-tests', import.meta.url).pathname

const running = new Set<number>()
const opened = new Set<string>()

// Whatever happens to the tests, what they started ends with them.
process.on('exit', () => {
  for (const pid of running) killGroup(pid)
  for (const dir of opened) rmSync(dir, { recursive: true, force: true })
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(143))

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

/** Starts the program in a process group of its own, which ends with this process at the latest. */
export function start(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
) {
  const child = spawn(program, args, { env, cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {})
  const { pid } = child
  if (pid !== undefined) {
    running.add(pid)
    child.once('exit', () => {
      killGroup(pid)
      running.delete(pid)
    })
  }
  return child
}

export async function openSandbox(): Promise<Sandbox> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-clients-'))
  opened.add(dir)
  const path = (...parts: string[]) => join(dir, ...parts)
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: path('home'),
    TMPDIR: path('tmp'),
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    XDG_CONFIG_HOME: path('home', '.config'),
    XDG_CACHE_HOME: path('home', '.cache'),
    XDG_DATA_HOME: path('home', '.local'),
    XDG_RUNTIME_DIR: path('run'),
    REGISTRY_AUTH_FILE: path('home', 'auth.json'),
    KUBECACHEDIR: path('home', 'kube-cache'),
    // Compiled code is the same for all: kept, so that a start is not slower here than for a person.
    NODE_COMPILE_CACHE: compileCache,
  }
  for (const name of ['home', 'tmp', 'run']) await mkdir(path(name), { mode: 0o700 })
  const run: Sandbox['run'] = (program, args, options) => runProgram(program, args, env, dir, options)
  return {
    dir,
    env,
    path,
    run,
    async must(program, args, options) {
      const { status, stdout, stderr } = await run(program, args, options)
      if (status === 0) return stdout
      throw new Error(`${program} ${args.join(' ')}: ${status}\n${stdout}${stderr}`)
    },
    async [Symbol.asyncDispose]() {
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
      opened.delete(dir)
    },
  }
}

function runProgram(
  program: string,
  args: readonly string[],
  base: Readonly<Record<string, string>>,
  cwd: string,
  { stdin = '', env = {}, timeout = 60_000 }: RunOptions = {},
): Promise<Outcome> {
  const child = start(program, args, { ...base, ...env }, cwd)
  const timer = setTimeout(() => child.pid !== undefined && killGroup(child.pid), timeout)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  child.stdin.end(stdin)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ status: code ?? signal ?? 'unknown', stdout, stderr })
    })
  })
}
