import { setTimeout as sleep } from 'node:timers/promises'
import { type ImageStream, imageStreams } from '../../api/index.ts'
import { planStreamPrune, type StreamPrune } from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import { ScratchError } from '../../scratch/index.ts'
import { forEachOf, type PruneRun, takeContentStep } from './prune-run.ts'

/** How often a stream that others write to is tried again, some 10 ms apart. */
const attempts = 5

/** Stage 1 (pruning.md §4). What is left in the streams is in use from then on. */
export async function pruneStreams(
  run: PruneRun,
  streams: Iterable<ImageStream> | AsyncIterable<ImageStream>,
): Promise<void> {
  const prune = async (stream: ImageStream) => {
    run.signal?.throwIfAborted()
    const left = run.confirm ? await pruneStream(run, stream) : await simulate(run, stream)
    for (const { items } of left?.status.tags ?? []) {
      for (const { image } of items ?? []) if (image !== '') run.prune.use(image)
    }
  }
  await forEachOf(streams, run.workers, prune, run.taken)
}

type Plan = StreamPrune<ImageStream>

function plan(run: PruneRun, stream: ImageStream): Plan | undefined {
  const planned = planStreamPrune(stream, run.images, run.rules)
  if (planned === undefined) return undefined
  run.tell({ kind: 'decided', repository: planned.repository, decisions: planned.decisions })
  return planned.removed === 0 ? undefined : planned
}

async function simulate(run: PruneRun, stream: ImageStream): Promise<ImageStream> {
  const planned = plan(run, stream)
  if (planned === undefined) return stream
  await unlinkLayers(run, planned, new Set())
  updated(run, planned)
  await unlinkManifests(run, planned)
  return planned.stream
}

/** Layer links, the status, manifest links (§8); undefined when the stream vanished. */
async function pruneStream(run: PruneRun, listed: ImageStream): Promise<ImageStream | undefined> {
  const { namespace = '', name = '' } = listed.metadata
  if (!run.asksAlways && plan(run, listed) === undefined) return listed
  const asked = new Set<string>()
  for (let attempt = 1; ; attempt++) {
    let planned: Plan | undefined
    try {
      const current = await run.client.get(imageStreams, namespace, name)
      planned = plan(run, current)
      if (planned === undefined) return current
      await unlinkLayers(run, planned, asked)
      const stored = await run.client.update(imageStreams, namespace, planned.stream, {
        subresource: 'status',
        cause: 'policy',
      })
      updated(run, planned)
      await unlinkManifests(run, planned)
      return stored
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined
      // It is not about this stream: nothing is known any more.
      if (error instanceof ScratchError) throw error
      run.signal?.throwIfAborted()
      if (isApiError(error, 'Conflict') && attempt < attempts) {
        await sleep(10 + Math.random())
        continue
      }
      const count = planned?.removed ?? 0
      run.tell({ kind: 'failed', step: { kind: 'items', repository: `${namespace}/${name}`, count }, error })
      return listed
    }
  }
}

async function unlinkLayers(
  run: PruneRun,
  { repository, layerLinks }: Plan,
  asked: Set<string>,
): Promise<void> {
  if (!run.prunesContent) return
  for (const digest of layerLinks) {
    if (asked.has(digest)) continue
    asked.add(digest)
    await takeContentStep(run, { kind: 'layer-link', repository, digest })
  }
}

async function unlinkManifests(run: PruneRun, { repository, manifestLinks }: Plan): Promise<void> {
  if (!run.prunesContent) return
  for (const digest of manifestLinks) {
    await takeContentStep(run, { kind: 'manifest-link', repository, digest })
  }
}

function updated(run: PruneRun, { repository, removed }: Plan): void {
  run.tell({ kind: 'step', step: { kind: 'items', repository, count: removed } })
  run.counts.items += removed
  run.counts.streams++
}
