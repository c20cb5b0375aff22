import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFileBlobs } from '../src/blobs/index.ts'
import { collectBlobs } from '../src/registry/collect/collect-blobs.ts'
import { createLeases, openRepositoryRecords } from '../src/registry/index.ts'
import { openSqliteStore } from '../src/store/index.ts'
import { fillStorage } from './fill-storage.ts'

export interface CollectionFigures {
  images: number
  blobs: number
  /** Seconds of a collection that finds nothing to do, of one that moves, and of one that deletes what was moved. */
  looking: number
  discarding: number
  deleting: number
  /** MiB that the process grew by at most meanwhile. */
  growth: Memory
}

/** MiB: its own, and pages of the store's file that it looks at, which the system takes back when it needs room. */
interface Memory {
  own: number
  mapped: number
}

function memoryNow(): Memory {
  const status = readFileSync('/proc/self/status', 'utf8')
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  return { own: field('RssAnon'), mapped: field('RssFile') }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** The most that the process had while the work went on, above what it had before. */
async function watchingMemory<T>(work: () => Promise<T>): Promise<{ value: T; growth: Memory }> {
  const before = memoryNow()
  const growth: Memory = { own: 0, mapped: 0 }
  const timer = setInterval(() => {
    const now = memoryNow()
    growth.own = Math.max(growth.own, now.own - before.own)
    growth.mapped = Math.max(growth.mapped, now.mapped - before.mapped)
  }, 20)
  const value = await work()
  clearInterval(timer)
  return { value, growth }
}

/** Three collections of a store with so many images (three blobs each) and a third as many blobs that are garbage. */
export async function measureCollection(images: number): Promise<CollectionFigures> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-collect-'))
  try {
    await using store = await openSqliteStore({ file: join(dir, 'weir.db') })
    await using blobs = await openFileBlobs({ dir: join(dir, 'blobs') })
    await using records = openRepositoryRecords({ store })
    await fillStorage(store, join(dir, 'blobs'), { images, garbage: images, namespace: 'bench' })
    const clock = (): Date => new Date()
    const deps = { store, blobs, records, leases: createLeases({ clock, grace: 0 }), clock, trashPeriod: 0 }
    const collect = (): Promise<unknown> => collectBlobs(deps, { signal: new AbortController().signal })
    const { value, growth } = await watchingMemory(async () => ({
      discarding: await timed(collect),
      deleting: await timed(collect),
      looking: await timed(collect),
    }))
    return { images, blobs: 4 * images, ...value, growth }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
