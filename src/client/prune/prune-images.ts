import { images } from '../../api/index.ts'
import type { ImageFacts } from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import { forEachOf, type PruneRun, takeContentStep } from './prune-run.ts'

/** Stage 2 (pruning.md §5): images that no stream lists, each looked at once more right before it goes (P-64). */
export async function pruneImages(run: PruneRun): Promise<void> {
  const prune = async (facts: ImageFacts) => {
    run.signal?.throwIfAborted()
    if (run.prune.isUsed(facts.name)) return
    if (run.prunesContent && !(await deleteBlobs(run, facts))) return
    // Once more: deleting the blobs took its time.
    if (!run.prune.isUsed(facts.name)) await deleteImage(run, facts.name)
  }
  await forEachOf(run.prune.candidates(), run.workers, prune, run.taken)
}

/** false when there were blobs to delete and none could be: the image stays, so that the next run tries again (P-32). */
async function deleteBlobs(run: PruneRun, facts: ImageFacts): Promise<boolean> {
  let [deleted, failed] = [0, 0]
  for (const digest of run.prune.release(facts)) {
    if (!run.prune.isFree(digest)) continue
    if (await takeContentStep(run, { kind: 'blob', image: facts.name, digest })) deleted++
    else failed++
  }
  return deleted > 0 || failed === 0
}

async function deleteImage(run: PruneRun, image: string): Promise<void> {
  const step = { kind: 'image', image } as const
  run.tell({ kind: 'step', step })
  try {
    if (run.confirm) await run.client.delete(images, '', image, { gracePeriodSeconds: 0 })
    run.counts.images++
  } catch (error) {
    if (!isApiError(error, 'NotFound')) run.tell({ kind: 'failed', step, error })
  }
}
