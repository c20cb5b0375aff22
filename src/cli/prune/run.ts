import { type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { CommandContext } from '../command.ts'
import { CliError, messageOf, throwCollected } from '../errors.ts'
import { imageStreams, images as imageType, typedAccept } from '../resources/image-api.ts'
import type { StreamObject } from '../resources/image-types.ts'
import { retryOnConflict } from '../resources/retry.ts'
import { readLimits } from './limits.ts'
import { type PruneRules, planImages, planStream, type StreamPlan } from './plan.ts'
import { openRegistry, type PruneRegistry } from './prune-registry.ts'
import { type PruneInputs, readInputs } from './read-inputs.ts'
import { badReferences, findReferences } from './references.ts'

/** Carries out what plan.ts decides, in the order of pruning.md §8, or only tells it. */

interface Run {
  context: CommandContext
  rest: Rest
  inputs: PruneInputs
  rules: PruneRules
  /** undefined: only API objects, or a dry run. */
  registry: PruneRegistry | undefined
  confirm: boolean
  pruneRegistry: boolean
  counts: Record<'images' | 'items' | 'streams' | 'layerLinks' | 'manifestLinks' | 'blobs', number>
  errors: Error[]
}

export async function runPrune(context: CommandContext): Promise<void> {
  const { flags, io, session } = context
  const rest = await session.rest()
  const target = await session.target()
  const inputs = await readInputs(context, rest, target.namespaceGiven ? target.namespace : '')
  const rules = readRules(context, inputs)
  if (rules.references.bad.length > 0 && !flags.bool('ignore-invalid-refs'))
    throw badReferences(rules.references.bad)
  const confirm = flags.bool('confirm')
  const pruneRegistry = flags.bool('prune-registry')
  if (!confirm)
    io.stderr.write('Dry run enabled - no modifications will be made. Add --confirm to remove images\n')
  if (!pruneRegistry)
    io.stdout.write(
      'Only API objects will be removed.  No modifications to the image registry will be made.\n',
    )
  using registry = confirm && pruneRegistry ? await openRegistry(context, inputs) : undefined
  const counts = { images: 0, items: 0, streams: 0, layerLinks: 0, manifestLinks: 0, blobs: 0 }
  const run: Run = { context, rest, inputs, rules, registry, confirm, pruneRegistry, counts, errors: [] }
  const streams = await pruneStreams(run)
  if (!target.namespaceGiven) await pruneImages(run, streams)
  io.stdout.write(`Summary: ${summary(run)}\n`)
  throwCollected(run.errors)
}

function readRules({ flags, io }: CommandContext, { holders, limitRanges }: PruneInputs): PruneRules {
  const bySize = flags.changed('prune-over-size-limit')
  const age = flags.duration('keep-younger-than')
  // With --prune-over-size-limit=false and no other limit the zero time protects everything (P-2).
  const threshold = bySize ? Number.NEGATIVE_INFINITY : io.now().getTime() - age
  const references = findReferences(holders, threshold)
  const rules = { threshold, keepRevisions: flags.int('keep-tag-revisions'), references }
  return bySize && flags.bool('prune-over-size-limit') ? { ...rules, limits: readLimits(limitRanges) } : rules
}

function summary({ counts }: Run): string {
  const parts = [
    [counts.images, 'image object(s)', 'deleted'],
    [counts.items, 'image stream tag item(s)', 'deleted'],
    [counts.streams, 'image stream(s)', 'updated'],
    [counts.layerLinks, 'layer link(s)', 'deleted'],
    [counts.manifestLinks, 'manifest link(s)', 'deleted'],
    [counts.blobs, 'blob(s)', 'deleted'],
  ] as const
  const told = parts.filter(([count]) => count > 0).map(([count, what, verb]) => `${verb} ${count} ${what}`)
  return told.length === 0 ? 'deleted 0 objects' : told.join(', ')
}

/** The streams as they are afterwards; those that vanished are left out. */
async function pruneStreams(run: Run): Promise<StreamObject[]> {
  const byName = new Map(run.inputs.images.map((image) => [image.metadata.name ?? '', image]))
  const plans = run.inputs.streams.map((stream) => ({ stream, plan: planStream(stream, byName, run.rules) }))
  const log = (level: string, text: string) =>
    run.context.io.stderr.write(`${logPrefix(level, run.context.io.now())} ${text}\n`)
  for (const { plan } of plans) for (const line of plan?.missing.counting ?? []) log('W', line)
  const result: StreamObject[] = []
  for (const { stream, plan } of plans) {
    for (const line of plan?.missing.deciding ?? []) log('I', line)
    if (!run.confirm) {
      if (plan !== undefined && plan.removedItems > 0) tellStream(run, plan)
      result.push(plan?.stream ?? stream)
      continue
    }
    const left = await pruneStream(run, stream, (current) => planStream(current, byName, run.rules))
    if (left !== undefined) result.push(left)
  }
  return result
}

function logPrefix(level: string, now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${String(now.getMilliseconds()).padStart(3, '0')}000`
  return `${level}${two(now.getMonth() + 1)}${two(now.getDate())} ${time} ${String(process.pid).padStart(7)} prune.ts:1]`
}

function tellStream(run: Run, plan: StreamPlan): void {
  const { io } = run.context
  const path = `${plan.namespace}/${plan.name}`
  const links = run.pruneRegistry ? plan : { layerLinks: [], manifestLinks: [] }
  for (const digest of links.layerLinks)
    io.stdout.write(`Deleting layer link ${digest} in repository ${path}\n`)
  io.stdout.write(`Deleting ${plan.removedItems} items from image stream ${path}\n`)
  for (const digest of links.manifestLinks)
    io.stdout.write(`Deleting manifest link ${digest} in repository ${path}\n`)
  run.counts.layerLinks += links.layerLinks.length
  run.counts.manifestLinks += links.manifestLinks.length
  run.counts.items += plan.removedItems
  run.counts.streams++
}

async function removeContent(
  run: Run,
  path: string,
  told: string,
  failed: { now: string; later: string },
): Promise<boolean> {
  run.context.io.stdout.write(`${told}\n`)
  try {
    await run.registry?.remove(path)
    return true
  } catch (error) {
    run.context.io.stderr.write(`${failed.now}: ${messageOf(error)}\n`)
    run.errors.push(new CliError(`${failed.later}: ${messageOf(error)}`))
    return false
  }
}

/** Layer links, the stream's status, manifest links; undefined when the stream vanished. */
async function pruneStream(
  run: Run,
  listed: StreamObject,
  plan: (stream: StreamObject) => StreamPlan | undefined,
): Promise<StreamObject | undefined> {
  const { rest, context, counts } = run
  const { namespace = '', name = '' } = listed.metadata
  const path = `${namespace}/${name}`
  const gone = new Set<string>()
  const unlink = async (digest: string, kind: 'layer' | 'manifest') => {
    const failed =
      kind === 'layer'
        ? {
            now: `error deleting repository ${path} layer link ${digest} from the registry`,
            later: `imagestream ${path}: failed to delete layer link ${digest}`,
          }
        : {
            now: `error deleting manifest link ${digest} from repository ${path}`,
            later: `imagestream ${path}: failed to delete manifest link ${digest}`,
          }
    const place = kind === 'layer' ? 'blobs' : 'manifests'
    const done = await removeContent(
      run,
      `/v2/${path}/${place}/${digest}`,
      `Deleting ${kind} link ${digest} in repository ${path}`,
      failed,
    )
    if (done) counts[kind === 'layer' ? 'layerLinks' : 'manifestLinks']++
  }
  try {
    const updated = await retryOnConflict(async () => {
      const current = await rest.json<StreamObject>({
        method: 'GET',
        path: resourcePath(imageStreams, namespace, name),
        accept: typedAccept,
      })
      const planned = plan(current)
      if (planned === undefined || planned.removedItems === 0) return { stream: current, planned: undefined }
      if (run.pruneRegistry) {
        for (const digest of planned.layerLinks) if (!gone.has(digest)) await unlink(digest, 'layer')
        for (const digest of planned.layerLinks) gone.add(digest)
      }
      context.io.stdout.write(`Deleting ${planned.removedItems} items from image stream ${path}\n`)
      const body = planned.stream
      const stream = await rest.json<StreamObject>({
        method: 'PUT',
        path: resourcePath(imageStreams, namespace, name, 'status'),
        body,
        accept: typedAccept,
      })
      return { stream, planned }
    })
    if (updated.planned === undefined) return updated.stream
    counts.items += updated.planned.removedItems
    counts.streams++
    if (run.pruneRegistry)
      for (const digest of updated.planned.manifestLinks) await unlink(digest, 'manifest')
    return updated.stream
  } catch (error) {
    if (isApiError(error) && error.code === 404) return undefined
    context.io.stderr.write(
      `error updating image stream ${path} to remove image references: ${messageOf(error)}\n`,
    )
    run.errors.push(new CliError(`imagestream ${path}: ${messageOf(error)}`))
    return listed
  }
}

async function pruneImages(run: Run, streams: readonly StreamObject[]): Promise<void> {
  const { context, rest, counts } = run
  const plans = planImages(run.inputs.images, streams, { ...run.rules, all: context.flags.bool('all') })
  for (const { name, blobs } of plans) {
    let [removed, failures] = [0, 0]
    for (const digest of run.pruneRegistry ? blobs : []) {
      const what = digest === name ? 'manifest blob' : 'blob'
      const failed = {
        now: `error deleting blob ${digest} from the registry`,
        later: `image ${name}: failed to delete ${what} ${digest}`,
      }
      if (await removeContent(run, `/admin/blobs/${digest}`, `Deleting blob ${digest}`, failed)) removed++
      else failures++
    }
    counts.blobs += removed
    // When nothing could be removed the image stays, so that the next run tries again (P-32).
    if (removed === 0 && failures > 0) continue
    context.io.stdout.write(`Deleting image ${name}\n`)
    try {
      const path = resourcePath(imageType, '', name)
      const body = { kind: 'DeleteOptions', apiVersion: 'image.openshift.io/v1', gracePeriodSeconds: 0 }
      if (run.confirm) await rest.request({ method: 'DELETE', path, body, accept: typedAccept })
      counts.images++
    } catch (error) {
      if (isApiError(error) && error.code === 404) continue
      context.io.stderr.write(`error deleting image ${name} from server: ${messageOf(error)}\n`)
      run.errors.push(new CliError(`image ${name}: failed to delete image ${name}: ${messageOf(error)}`))
    }
  }
}
