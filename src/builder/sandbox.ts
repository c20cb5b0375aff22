import { type ChildProcess, spawn } from 'node:child_process'
import { chown, mkdir, readlink, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { enterScript, sandboxScript } from './sandbox-script.ts'
import { type UserMap, writeUserMap } from './user-map.ts'

/**
 * What processes reach: nothing; what this machine reaches but not the machine itself, by slirp4netns; or all that this machine reaches,
 * for steps that run nothing of the build's own.
 */
export type Network = 'none' | 'private' | 'host'

export interface SandboxRun {
  /** What the processes read; '' for nothing. */
  stdin?: string
  env?: Readonly<Record<string, string>>
  network: Network
  /** Folders of this machine that are shown, read-only. */
  shown?: readonly string[]
  signal: AbortSignal
  /** Bytes of stderr, and of stdout unless `capture` keeps it. */
  onOutput(chunk: Buffer): void
  /** Most bytes of stdout that are kept; absent: stdout goes to `onOutput`. */
  capture?: number
}

export interface SandboxResult {
  /** undefined: it was killed. */
  code: number | undefined
  stdout: string
}

/** A folder, and processes that see it as `/work` and nothing else of this machine but its programs. */
export interface Sandbox extends AsyncDisposable {
  dir: string
  /** Makes what was written into the folder so far the build's own. */
  own(path: string): Promise<void>
  run(command: readonly string[], options: SandboxRun): Promise<SandboxResult>
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const environment = { PATH: path, HOME: '/work/home', TMPDIR: '/work/tmp', LANG: 'C.UTF-8' }

/** Makes the folder, empty. Disposed, it is removed with all that the build left in it. */
export async function openSandbox(dir: string, map: UserMap): Promise<Sandbox> {
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { mode: 0o700 })
  const owner = map.kind === 'root' ? map.first : undefined
  const own = async (path: string) => {
    if (owner !== undefined) await chown(path, owner, owner)
  }
  for (const part of ['', '/home', '/tmp']) {
    await mkdir(`${dir}${part}`, { recursive: true, mode: 0o700 })
    await own(`${dir}${part}`)
  }
  const run: Sandbox['run'] = (command, options) => runInside(dir, map, command, options)
  return {
    dir,
    own,
    run,
    async [Symbol.asyncDispose]() {
      // Files of users that only exist inside can only be removed there.
      if (map.kind === 'user') {
        const quiet = { network: 'none' as const, signal: AbortSignal.timeout(600_000), onOutput: () => {} }
        await run(['sh', '-c', 'rm -rf /work/* /work/.[!.]* 2>/dev/null || true'], quiet).catch(() => {})
      }
      await rm(dir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function runInside(
  dir: string,
  map: UserMap,
  command: readonly string[],
  options: SandboxRun,
): Promise<SandboxResult> {
  options.signal.throwIfAborted()
  const shown = options.shown ?? []
  const inner = [sandboxScript, 'sandbox', options.network, String(shown.length), ...shown, ...command]
  // Said twice, --fork is said once: an option there must be.
  const network = options.network === 'host' ? '--fork' : '--net'
  const enter = ['unshare', '--user', 'sh', '-c', enterScript, network, ...inner]
  const [program = '', ...args] = [...asNobody(map), ...enter]
  const child = spawn(program, args, {
    cwd: dir,
    env: { ...environment, ...options.env },
    // A group of its own, so that nothing of it outlives it, and a Ctrl-C at the server is not its to take.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const kill = () => killGroup(child)
  options.signal.addEventListener('abort', kill, { once: true })
  try {
    return await converse(child, map, options)
  } finally {
    options.signal.removeEventListener('abort', kill)
    if (child.exitCode === null && child.signalCode === null) kill()
  }
}

/** The words before a command that make it run as root of the build is seen from outside. */
function asNobody(map: UserMap): string[] {
  return map.kind === 'root'
    ? ['setpriv', `--reuid=${map.first}`, `--regid=${map.first}`, '--clear-groups']
    : []
}

/** A network of its own for the process, which leads out and not back to this machine; ends when disposed, or with this program. */
function connect(pid: number, map: UserMap): Disposable {
  const flags = ['--configure', '--disable-host-loopback', '--mtu=65520', '--netns-type=path']
  const [program = '', ...args] = [
    ...(map.kind === 'root' ? asNobody(map) : ['setpriv']),
    '--pdeathsig=KILL',
    'slirp4netns',
    ...flags,
    `--userns-path=/proc/${pid}/ns/user`,
    `/proc/${pid}/ns/net`,
    'tap0',
  ]
  const child = spawn(program, args, { env: environment, stdio: 'ignore' })
  child.once('error', () => {})
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') }
}

async function converse(child: ChildProcess, map: UserMap, options: SandboxRun): Promise<SandboxResult> {
  const { stdin, stdout, stderr, pid } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('a process has no pipes')
  const kept: Buffer[] = []
  let room = options.capture ?? 0
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? undefined))
  })
  // Nobody may be waiting for it yet when it fails.
  ended.catch(() => {})
  stdin.on('error', () => {})
  stderr.on('data', options.onOutput)
  stdout.on('data', (chunk: Buffer) => {
    if (options.capture === undefined) return options.onOutput(chunk)
    kept.push(chunk.subarray(0, room))
    room -= Math.min(chunk.length, room)
  })
  if (pid !== undefined) {
    await Promise.race([ended, left(pid, 'user')])
    if (child.exitCode === null && child.signalCode === null) await writeUserMap(pid, map)
    stdin.end(`go\n${options.stdin ?? ''}`)
    if (options.network === 'private') {
      await Promise.race([ended, left(pid, 'net')])
      using _network = connect(pid, map)
      return { code: await ended, stdout: Buffer.concat(kept).toString('utf8') }
    }
  }
  const code = await ended
  return { code, stdout: Buffer.concat(kept).toString('utf8') }
}

/** Resolves once the process has left our namespace of that kind. */
async function left(pid: number, kind: 'user' | 'net'): Promise<void> {
  const ours = await readlink(`/proc/self/ns/${kind}`)
  for (let wait = 1; wait < 1000; wait = Math.min(wait * 2, 50)) {
    const theirs = await readlink(`/proc/${pid}/ns/${kind}`).catch((error: NodeJS.ErrnoException) =>
      // Between leaving and its next program it can't be looked at.
      error.code === 'EACCES' ? ours : undefined,
    )
    if (theirs !== ours) return
    await sleep(wait)
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
