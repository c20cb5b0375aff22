import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Discovered, discover, type Rest } from '../client/index.ts'
import type { Target } from './kubeconfig/target.ts'

/** Discovery kept on disk for six hours, as kubectl's is, in one file a server (cli.md §20.1). */
export interface DiscoveryCache {
  get(): Promise<Discovered>
  /** Asks the server whatever is kept. */
  refresh(): Promise<Discovered>
  /** What `pick` finds; when that is nothing in the kept answer, the server is asked once. */
  find<T>(pick: (discovered: Discovered) => T | undefined): Promise<T | undefined>
}

export interface DiscoveryCacheOptions {
  rest(): Promise<Rest>
  target(): Promise<Target>
  folder: string
  now(): Date
}

const lifetime = 6 * 60 * 60 * 1000

interface Kept {
  at: number
  /** Bumped when the form below changes. */
  form: 1
  discovered: Discovered
}

async function fileFor(options: DiscoveryCacheOptions): Promise<string> {
  const { server, userName } = await options.target()
  const key = createHash('sha256').update(`${server}\n${userName}`).digest('hex').slice(0, 16)
  const host = server.replace(/^[a-z]+:\/\//, '').replace(/[^\w.-]/g, '_')
  return join(options.folder, 'weir-discovery', `${host}-${key}.json`)
}

async function readKept(file: string, now: number): Promise<Discovered | undefined> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as Kept
    const age = now - kept.at
    return kept.form === 1 && age >= 0 && age < lifetime ? kept.discovered : undefined
  } catch {
    return undefined
  }
}

/** A cache that can't be written is no failure. */
async function keep(file: string, kept: Kept): Promise<void> {
  try {
    await mkdir(join(file, '..'), { recursive: true, mode: 0o750 })
    const temporary = `${file}.${process.pid}`
    await writeFile(temporary, JSON.stringify(kept), { mode: 0o640 })
    await rename(temporary, file)
  } catch {
    // The next command asks the server again.
  }
}

export function createDiscoveryCache(options: DiscoveryCacheOptions): DiscoveryCache {
  let fresh: Promise<Discovered> | undefined
  let kept: Promise<Discovered | undefined> | undefined

  async function ask(): Promise<Discovered> {
    const discovered = await discover(await options.rest())
    await keep(await fileFor(options), { at: options.now().getTime(), form: 1, discovered })
    return discovered
  }
  const refresh = () => {
    fresh ??= ask()
    return fresh
  }
  const fromDisk = () => {
    kept ??= fileFor(options).then((file) => readKept(file, options.now().getTime()))
    return kept
  }
  const get = async () => (fresh === undefined ? ((await fromDisk()) ?? refresh()) : fresh)
  return {
    get,
    refresh,
    async find(pick) {
      const found = pick(await get())
      if (found !== undefined || fresh !== undefined) return found
      return pick(await refresh())
    },
  }
}
