import type { ImageFinder, ImagePrune, ItemDecision, PruneRules } from '../../image/index.ts'
import type { Client } from '../client.ts'

/** Removes what the registry holds (pruning.md §6). Each resolves when the content is gone, whether or not it was there. */
export interface PruneContent {
  unlinkLayer(repository: string, digest: string): Promise<void>
  unlinkManifest(repository: string, digest: string): Promise<void>
  deleteBlob(digest: string): Promise<void>
}

/** What happens, told as it happens; of a dry run, what would. */
export type PruneStep =
  | { kind: 'layer-link'; repository: string; digest: string }
  | { kind: 'items'; repository: string; count: number }
  | { kind: 'manifest-link'; repository: string; digest: string }
  | { kind: 'blob'; image: string; digest: string }
  | { kind: 'image'; image: string }

export type PruneEvent =
  | { kind: 'step'; step: PruneStep }
  | { kind: 'failed'; step: PruneStep; error: unknown }
  | { kind: 'decided'; repository: string; decisions: readonly ItemDecision[] }

/** What was done, failures left out (pruning.md P-51). */
export interface PruneCounts {
  images: number
  items: number
  streams: number
  layerLinks: number
  manifestLinks: number
  blobs: number
}

/** One run of the pruner, whoever runs it. */
export interface PruneRun {
  client: Client
  /** false: nothing is changed or asked for, only told. */
  confirm: boolean
  /** Links and blobs go too. With `confirm` by `content`. */
  prunesContent: boolean
  content?: PruneContent
  rules: PruneRules
  images: ImageFinder
  prune: ImagePrune
  /** How many streams, and then images, are worked on at once. */
  workers: number
  /** Ask for every stream again, also for those that need nothing (P-22). */
  asksAlways: boolean
  counts: PruneCounts
  tell(event: PruneEvent): void
  /** Resolves when what was told has been taken; undefined where it has. */
  taken?: (() => Promise<void> | undefined) | undefined
  signal?: AbortSignal
}

export const noCounts = (): PruneCounts => ({
  images: 0,
  items: 0,
  streams: 0,
  layerLinks: 0,
  manifestLinks: 0,
  blobs: 0,
})

const counted = { 'layer-link': 'layerLinks', 'manifest-link': 'manifestLinks', blob: 'blobs' } as const

/** Tells of the step, does it and counts it; false when it failed, which is told. */
export async function takeContentStep(
  run: PruneRun,
  step: PruneStep & { kind: keyof typeof counted },
): Promise<boolean> {
  run.tell({ kind: 'step', step })
  try {
    if (run.confirm) await removeContent(run.content, step)
    run.counts[counted[step.kind]]++
    return true
  } catch (error) {
    run.tell({ kind: 'failed', step, error })
    return false
  }
}

async function removeContent(
  content: PruneContent | undefined,
  step: PruneStep & { kind: keyof typeof counted },
): Promise<void> {
  if (step.kind === 'blob') await content?.deleteBlob(step.digest)
  else if (step.kind === 'layer-link') await content?.unlinkLayer(step.repository, step.digest)
  else await content?.unlinkManifest(step.repository, step.digest)
}

/** Items after which others get their turn: promises alone give nobody one, and what is told waits to be printed. */
const itemsAtOnce = 10

/**
 * So many at a time; the first failure ends all when the ones under way are over. No further item is begun while what was told of those
 * before waits for its reader.
 */
export async function forEachOf<T>(
  items: Iterable<T> | AsyncIterable<T>,
  workers: number,
  work: (item: T) => Promise<void>,
  whenTaken: PruneRun['taken'] = () => undefined,
): Promise<void> {
  const source = toAsync(items)
  const failures: unknown[] = []
  let taken = 0
  let turn: Promise<void> | undefined
  const worker = async () => {
    while (failures.length === 0) {
      if (++taken % itemsAtOnce === 0) turn = new Promise((resolve) => setImmediate(resolve))
      await turn
      await whenTaken()
      const next = await source.next()
      if (next.done === true) return
      await work(next.value)
    }
  }
  const guarded = () => worker().catch((error: unknown) => void failures.push(error))
  await Promise.all(Array.from({ length: Math.max(1, workers) }, guarded))
  if (failures.length > 0) throw failures[0]
}

async function* toAsync<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  yield* items
}
