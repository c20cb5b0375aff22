import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { openFileBlobs } from '../src/blobs/index.ts'
import { type CollectOptions, collectBlobs } from '../src/registry/collect/collect-blobs.ts'
import { createLeases, openRepositoryRecords } from '../src/registry/index.ts'
import { openSqliteStore } from '../src/store/index.ts'
import { fillStorage } from './fill-storage.ts'
import { type Memory, memoryOf, watchMemory } from './resident-memory.ts'

export interface CollectionFigures {
  images: number
  blobs: number
  /** Seconds of a collection that finds nothing to do, of one that moves, and of one that deletes what was moved. */
  looking: number
  discarding: number
  deleting: number
  /** MiB that the process grew by at most meanwhile. */
  growth: Memory
  /** Of it, what was in use: on V8's heap after a collection of all garbage, and in buffers. */
  live: number
}

/** MiB on the heap and in buffers, as long as nobody has thrown garbage away since. */
function inUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / (1 << 20)
}

/** The most that was in use just after a collection of all garbage. */
function watchInUse(): { most(): number } & Disposable {
  let most = 0
  const observer = new PerformanceObserver((list) => {
    const isMajor = (entry: object) =>
      (entry as { detail?: { kind?: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
    if (list.getEntries().some(isMajor)) most = Math.max(most, inUse())
  })
  observer.observe({ entryTypes: ['gc'] })
  return { most: () => most, [Symbol.dispose]: () => observer.disconnect() }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

interface Storage {
  collect(options?: Pick<CollectOptions, 'isDryRun'>): Promise<unknown>
}

/** A store with so many images (three blobs each) and a third as many blobs that are garbage. */
async function withStorage<T>(images: number, work: (storage: Storage) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-collect-'))
  try {
    await using store = await openSqliteStore({ file: join(dir, 'weir.db') })
    await using blobs = await openFileBlobs({ dir: join(dir, 'blobs') })
    await using records = openRepositoryRecords({ store })
    await fillStorage(store, join(dir, 'blobs'), { images, garbage: images, namespace: 'bench' })
    const clock = (): Date => new Date()
    const deps = { store, blobs, records, leases: createLeases({ clock, grace: 0 }), clock, trashPeriod: 0 }
    const { signal } = new AbortController()
    return await work({ collect: (options) => collectBlobs(deps, { ...options, signal }) })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Milliseconds that a small store is looked at again and again: a server in use has the memory that any work takes. */
const warmUp = 5000

async function lookForAWhile({ collect }: Storage): Promise<void> {
  const end = performance.now() + warmUp
  while (performance.now() < end) await collect({ isDryRun: true })
}

/** Collections that move, delete, and find nothing more to do. */
export async function measureCollection(images: number): Promise<CollectionFigures> {
  await withStorage(1000, lookForAWhile)
  return withStorage(images, async ({ collect }) => {
    const before = memoryOf(process.pid)
    globalThis.gc?.()
    using used = watchInUse()
    const usedBefore = inUse()
    const { value, most } = await watchMemory([process.pid], async () => ({
      discarding: await timed(() => collect()),
      deleting: await timed(() => collect()),
      looking: await timed(() => collect()),
    }))
    const { own = 0, mapped = 0 } = most[0] ?? {}
    const growth = { own: own - before.own, mapped: mapped - before.mapped }
    return { images, blobs: 4 * images, ...value, growth, live: Math.max(0, used.most() - usedBefore) }
  })
}
