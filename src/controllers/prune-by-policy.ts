import {
  buildConfigs,
  builds,
  controllerRevisions,
  cronJobs,
  daemonSets,
  deploymentConfigs,
  deployments,
  type ImageStream,
  imageStreams,
  images,
  jobs,
  pods,
  podTemplates,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../api/index.ts'
import type { Client } from '../client/client.ts'
import {
  followChanges,
  listAll,
  noCounts,
  openPruneTables,
  type PruneContent,
  type PruneCounts,
  type PruneEvent,
  type PruneRun,
  type PruneTables,
  pruneImages,
  pruneStreams,
} from '../client/prune/index.ts'
import {
  createImagePrune,
  createReferenceCollector,
  type ImageTable,
  imageFacts,
  type PrunePolicy,
  type PruneRules,
  type References,
} from '../image/index.ts'
import type { Kind } from '../machinery/kind.ts'
import { whereThereIsRoom } from '../scratch/index.ts'

export interface PolicyPruneDeps {
  client: Client
  content: PruneContent
  now(): Date
  tell(event: PruneEvent): void
  signal: AbortSignal
}

export type PolicyPruneResult = { kind: 'refused'; why: string } | { kind: 'done'; counts: PruneCounts }

const holders: readonly Kind[] = [
  pods,
  replicationControllers,
  buildConfigs,
  builds,
  daemonSets,
  deployments,
  deploymentConfigs,
  replicaSets,
  statefulSets,
  jobs,
  cronJobs,
  podTemplates,
  controllerRevisions,
] as readonly Kind[]

/** Streams, and then images, at a time: it is nobody's hurry. */
const workers = 2
/** Objects of one page. */
const page = 500
/** Unreadable references that a message names. */
const mostNamed = 10

/** One run of `adm prune images` inside the server: the same plan, page by page, with what the registry holds. */
export async function pruneByPolicy(policy: PrunePolicy, deps: PolicyPruneDeps): Promise<PolicyPruneResult> {
  const { client } = deps
  const threshold = deps.now().getTime() - policy.keepYoungerThan
  const references = await readReferences(client, threshold)
  const { bad } = references
  if (bad.length > 0 && !policy.ignoresInvalid) {
    const more = bad.length > mostNamed ? `, and ${bad.length - mostNamed} more` : ''
    return { kind: 'refused', why: `invalid references: ${bad.slice(0, mostNamed).join('; ')}${more}` }
  }
  const rules = { threshold, keepRevisions: policy.keepRevisions, references, keepReferenceTags: true }
  const counts = noCounts()
  await whereThereIsRoom(async (place) => {
    using tables = openPruneTables({ place })
    await pruneWith(tables, rules, counts, deps)
  })
  return { kind: 'done', counts }
}

async function pruneWith(
  { images: known }: PruneTables,
  rules: PruneRules,
  counts: PruneCounts,
  { client, content, tell, signal }: PolicyPruneDeps,
): Promise<void> {
  const imagesRevision = await readImages(client, known)
  const run: PruneRun = {
    client,
    confirm: true,
    prunesContent: true,
    content,
    rules,
    images: known,
    prune: createImagePrune(known, { ...rules, all: true }),
    workers,
    asksAlways: false,
    counts,
    tell,
    signal,
  }
  await pruneStreams(run, streamsOf(client))
  await using _following = await followChanges(client, run.prune, imagesRevision)
  await pruneImages(run)
}

async function readReferences(client: Client, threshold: number): Promise<References> {
  const collector = createReferenceCollector(threshold)
  for (const kind of holders) {
    await listAll(client, kind, (object) => collector.add({ ...object, kind: kind.kind }), page)
  }
  return collector
}

/** Resolves to the revision of the list. */
async function readImages(client: Client, known: ImageTable): Promise<string> {
  return listAll(
    client,
    images,
    (image) => {
      const facts = imageFacts(image)
      if (typeof facts === 'string') throw new Error(facts)
      known.add(facts)
    },
    page,
  )
}

async function* streamsOf(client: Client): AsyncGenerator<ImageStream> {
  let next: string | undefined
  do {
    const list = await client.list(imageStreams, '', {
      limit: page,
      ...(next === undefined ? {} : { continue: next }),
    })
    yield* list.items
    next = list.metadata.continue || undefined
    await new Promise(setImmediate)
  } while (next !== undefined)
}
