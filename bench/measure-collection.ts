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
  /** Bytes that the process grew by at most meanwhile. */
  growth: number
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** The largest resident set while the work goes on, above what it was before. */
async function watchingMemory<T>(work: () => Promise<T>): Promise<{ value: T; growth: number }> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 20)
  const value = await work()
  clearInterval(timer)
  return { value, growth: most - before }
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
