import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { BuilderSettings } from './build-steps.ts'
import type { Availability, Builder } from './builder.ts'
import { runDockerBuild } from './docker-build.ts'
import { type GuardOptions, openGuardedProxy } from './guarded-proxy.ts'
import { type Network, openSandbox } from './sandbox.ts'
import { findUserMap, type UserMap } from './user-map.ts'

export interface BuildahOptions {
  /** A folder of its own, in which each build has one while it runs. */
  dir: string
  settings: Omit<BuilderSettings, 'storageDriver' | 'network' | 'proxyEnv'>
  /** `auto`: private where that can be had, else none. */
  network: 'auto' | Network
  /** What may be connected to while sources and images are fetched. */
  guard: GuardOptions
  now(): Date
}

/** Milliseconds that an answer about the machine counts. */
const remembered = 60_000
/** Milliseconds that the look at the machine may take. */
const patience = 30_000

/** Builds by `buildah`, each in a sandbox of its own (docs/decisions/035-builds-in-a-sandbox.md). */
export function createBuildahBuilder({
  dir,
  settings,
  network: wanted,
  guard,
  now,
}: BuildahOptions): Builder {
  let looked: { at: number; answer: Promise<Machine> } | undefined
  let numbers = 0

  const look = (): Promise<Machine> => {
    const at = now().getTime()
    if (looked === undefined || at - looked.at > remembered) {
      looked = { at, answer: lookAtMachine(join(dir, 'probe')) }
    }
    return looked.answer
  }

  return {
    async available() {
      return (await look()).availability
    },

    async run(job, log, signal) {
      const { availability, map, storageDriver, isConnected } = await look()
      if (availability.kind === 'unavailable') throw new Error(availability.why)
      numbers++
      await using sandbox = await openSandbox(join(dir, `${numbers}`), map)
      const network = wanted === 'auto' ? (isConnected ? 'private' : 'none') : wanted
      if (wanted === 'auto' && !isConnected) {
        log.write('The steps of this build have no network (see builds.network in docs/configuration.md).\n')
      }
      await using proxy = await openGuardedProxy(guard)
      const all = { ...settings, network, storageDriver, proxyEnv: proxyVariables(proxy.url, guard.own) }
      return await runDockerBuild({ job, sandbox, settings: all, log, signal }, now)
    },
  }
}

function proxyVariables(url: string, own: ReadonlySet<string>): Record<string, string> {
  const direct = [...own].join(',')
  return {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    http_proxy: url,
    https_proxy: url,
    NO_PROXY: direct,
    no_proxy: direct,
  }
}

/** Removes what builds of an earlier run of this program left: none of them is running any more. */
export async function sweepBuildFolders(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true, force: true })
}

interface Machine {
  availability: Availability
  map: UserMap
  storageDriver: 'overlay' | 'vfs'
  /** Whether steps can have a network of their own. */
  isConnected: boolean
}

const probeScript = `buildah --version
slirp4netns --version 2>/dev/null || true
mkdir lower upper worker merged
mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=worker,userxattr merged && echo overlay
`

/** '' for a user that the machine has no name for. */
function ownName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}

/** slirp4netns makes its interface by this, as a user that owns nothing here. */
async function hasTunnels(): Promise<boolean> {
  const found = await stat('/dev/net/tun').catch(() => undefined)
  return found !== undefined && (found.mode & 0o006) === 0o006
}

async function lookAtMachine(dir: string): Promise<Machine> {
  const map = await findUserMap(process.getuid?.() ?? -1, process.getgid?.() ?? -1, ownName())
  const unavailable = (why: string): Machine => ({
    availability: { kind: 'unavailable', why },
    map,
    storageDriver: 'vfs',
    isConnected: false,
  })
  if (map.kind === 'none') return unavailable(map.why)
  let problem = ''
  try {
    await using sandbox = await openSandbox(dir, map)
    const { stdout } = await sandbox.run(['sh', '-c', `cd /work/tmp\n${probeScript}`], {
      network: 'none',
      signal: AbortSignal.timeout(patience),
      capture: 4096,
      onOutput: (chunk) => {
        problem = (problem + chunk.toString('utf8')).slice(0, 300)
      },
    })
    const version = /buildah version (\S+)/.exec(stdout)?.[1]
    if (version === undefined) return unavailable(problem.trim().split('\n')[0] || 'buildah is not installed')
    const storageDriver = /^overlay$/m.test(stdout) ? 'overlay' : 'vfs'
    const isConnected = /^slirp4netns version/m.test(stdout) && (await hasTunnels())
    return { availability: { kind: 'available', version }, map, storageDriver, isConnected }
  } catch (error) {
    return unavailable((error as Error).message)
  }
}
