import { createClientFromRest, type Rest } from '../../client/index.ts'
import {
  followChanges,
  noCounts,
  openPruneTables,
  type Place,
  type PruneRun,
  type PruneTables,
  pruneImages,
  pruneStreams,
  whereThereIsRoom,
} from '../../client/prune/index.ts'
import {
  createImagePrune,
  createReferenceCollector,
  type ReferenceCollector,
  readImageLimits,
} from '../../image/index.ts'
import type { CommandContext } from '../command.ts'
import { throwCollected } from '../errors.ts'
import { badReferences } from './bad-references.ts'
import { openRegistry } from './prune-registry.ts'
import { type PruneInputs, readInputs } from './read-inputs.ts'
import { createTelling, summaryOf } from './tell.ts'

/** Under the name `oc` pruning does what `oc` does; else it is careful where that one isn't (docs/decisions/026). */
function isCareful({ flags, program }: CommandContext, flag: string): boolean {
  return flags.changed(flag) ? flags.bool(flag) : program !== 'oc'
}

/** P-2: with --prune-over-size-limit=false alone nothing is old enough, for the threshold is the time that is not set. */
function thresholdOf({ flags, io }: CommandContext): number {
  if (flags.changed('prune-over-size-limit')) return Number.NEGATIVE_INFINITY
  return io.now().getTime() - flags.duration('keep-younger-than')
}

/**
 * Workers wait for the registry's disk, which writes what comes at once in one go; what they ask for goes in few requests. A dry run
 * waits for nobody.
 */
function workersOf({ flags, program }: CommandContext): number {
  if (!flags.bool('confirm')) return 1
  if (program !== 'oc' && !flags.changed('num-workers')) return 64
  const workers = flags.int('num-workers')
  return workers < 1 ? 5 : workers
}

function introduce({ io, flags }: CommandContext): void {
  if (!flags.bool('confirm'))
    io.stderr.write('Dry run enabled - no modifications will be made. Add --confirm to remove images\n')
  if (!flags.bool('prune-registry'))
    io.stdout.write(
      'Only API objects will be removed.  No modifications to the image registry will be made.\n',
    )
}

interface Everything {
  tables: PruneTables
  references: ReferenceCollector
  inputs: PruneInputs
}

async function readEverything(
  context: CommandContext,
  rest: Rest,
  threshold: number,
  place: Place,
): Promise<Everything> {
  const { flags, session } = context
  const target = await session.target()
  const references = createReferenceCollector(threshold)
  const tables = openPruneTables({ place })
  try {
    const inputs = await readInputs(context, {
      rest,
      tables,
      namespace: target.namespaceGiven ? target.namespace : '',
      references,
      ignoresForbidden: flags.changed('ignore-forbidden')
        ? flags.bool('ignore-forbidden')
        : context.program === 'oc',
      searchesOthers: isCareful(context, 'search-custom-resources'),
    })
    return { tables, references, inputs }
  } catch (error) {
    tables[Symbol.dispose]()
    throw error
  }
}

export async function runPrune(context: CommandContext): Promise<void> {
  const { flags, io, session } = context
  const rest = await session.rest()
  const target = await session.target()
  const threshold = thresholdOf(context)
  const read = await whereThereIsRoom((place) => readEverything(context, rest, threshold, place))
  const { references, inputs } = read
  using tables = read.tables
  if (references.bad.length > 0 && !flags.bool('ignore-invalid-refs')) throw badReferences(references.bad)
  const rules = {
    threshold,
    keepRevisions: flags.int('keep-tag-revisions'),
    references,
    keepReferenceTags: isCareful(context, 'keep-reference-tags'),
    ...(flags.bool('prune-over-size-limit') ? { limits: readImageLimits(inputs.limitRanges) } : {}),
  }
  introduce(context)
  const [confirm, prunesContent] = [flags.bool('confirm'), flags.bool('prune-registry')]
  using content = confirm && prunesContent ? await openRegistry(context, { ...inputs, ...tables }) : undefined
  const { tell, flush, failures } = createTelling(context)
  const run: PruneRun = {
    client: createClientFromRest(rest),
    confirm,
    prunesContent,
    ...(content === undefined ? {} : { content }),
    rules,
    images: tables.images,
    prune: createImagePrune(tables.images, { ...rules, all: flags.bool('all') }),
    workers: workersOf(context),
    asksAlways: true,
    counts: noCounts(),
    tell,
    taken: context.io.stdout.taken,
  }
  try {
    await pruneStreams(run, tables.streams)
    if (!target.namespaceGiven) await pruneUnlisted(run, inputs.imagesRevision)
  } finally {
    flush()
  }
  io.stdout.write(`Summary: ${summaryOf(run.counts)}\n`)
  throwCollected(failures())
}

async function pruneUnlisted(run: PruneRun, imagesRevision: string): Promise<void> {
  if (!run.confirm) return pruneImages(run)
  await using _following = await followChanges(run.client, run.prune, imagesRevision)
  await pruneImages(run)
}
