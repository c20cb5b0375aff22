import {
  type BlobCollection,
  type BlobRestoration,
  type BlobReview,
  blobCollections,
  blobRestorations,
  blobReviews,
  type StorageReport,
  storageReports,
} from '../../api/index.ts'
import { badRequest } from '../../machinery/errors.ts'
import { apiVersionOf, type Kind } from '../../machinery/kind.ts'
import { formatTime, type KubeObject } from '../../machinery/object.ts'

import { type Digest, parseDigest, parseTagName } from '../../oci/index.ts'
import type { CreateRequest, Endpoint } from '../../resources/endpoint.ts'
import { parseRepository } from '../repository.ts'
import type { BlobAction, CollectionReport } from './collect-blobs.ts'
import type { Collector } from './collector.ts'
import type { BlobExplanation } from './explain-blob.ts'
import type { UndeleteTarget } from './undelete-blob.ts'

/** Questions and orders about what is stored, as kinds that can only be created. Who may create them is RBAC's to say. */
export function createCollectorEndpoints(collector: Collector, signal: AbortSignal): Endpoint[] {
  return [
    answering(blobCollections, async ({ object, dryRun }) => {
      const { spec } = object as BlobCollection
      const report = await collector.collect({
        isDryRun: dryRun || spec?.dryRun === true,
        emptiesTrash: spec?.emptyTrash === true,
        signal,
      })
      return { spec, status: collectionStatus(report) }
    }),
    answering(blobReviews, async ({ object }) => {
      const { spec } = object as unknown as BlobReview
      return { spec, status: reviewStatus(await collector.explain(readDigest(spec.digest), signal)) }
    }),
    answering(blobRestorations, async ({ object, caller, dryRun }) => {
      const { spec } = object as unknown as BlobRestoration
      if (dryRun) throw badRequest('a restoration cannot be tried')
      const digest = readDigest(spec.digest)
      const { restored, missing, isManifest } = await collector.undelete(digest, readTarget(spec.to), caller)
      const now = await collector.explain(digest, signal)
      const until = now.verdict.kind === 'wait' ? { until: toTime(now.verdict.until) } : {}
      const held = now.holders.length > 0
      return { spec, status: { restored, missing, manifest: isManifest, held, ...(held ? {} : until) } }
    }),
    answering(
      storageReports,
      async () => ({ status: await collector.measure(signal) }) as Partial<StorageReport>,
    ),
  ]
}

function answering(kind: Kind, answer: (request: CreateRequest) => Promise<object>): Endpoint {
  return {
    kind,
    async create(request) {
      const answered = await answer(request)
      return { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: {}, ...answered } as KubeObject
    },
  }
}

function readDigest(text: string): Digest {
  const digest = parseDigest(text)
  if (digest === undefined)
    throw badRequest(`${JSON.stringify(text)} is no digest: write sha256:<64 hex digits>`)
  return digest
}

/** `namespace/stream:tag`. */
function readTarget(text = ''): UndeleteTarget | undefined {
  if (text === '') return undefined
  const colon = text.lastIndexOf(':')
  const repository = colon === -1 ? undefined : parseRepository(text.slice(0, colon))
  const tag = text.slice(colon + 1)
  if (repository === undefined || parseTagName(tag) === undefined) {
    throw badRequest(`${JSON.stringify(text)} is no tag: write PROJECT/STREAM:TAG`)
  }
  return { namespace: repository.namespace, stream: repository.stream, tag }
}

const toTime = (milliseconds: number): string => formatTime(new Date(milliseconds))

function collectionStatus({ started, finished, isDryRun: _, actions, ...report }: CollectionReport) {
  return {
    ...report,
    started: formatTime(started),
    finished: formatTime(finished),
    actions: actions.map(({ digest, size, action }: BlobAction) => ({ digest, size, action })),
  }
}

function reviewStatus(found: BlobExplanation) {
  const { state, size, verdict, holders, images, repositories, lastUse, discarded, prunedFrom } = found
  const waits = verdict.kind === 'wait'
  return {
    state,
    size,
    verdict: state === 'absent' ? 'none' : verdict.kind,
    ...(waits ? { reason: 'why' in verdict ? verdict.why : 'trash', until: toTime(verdict.until) } : {}),
    images,
    holders,
    repositories,
    ...(lastUse === undefined ? {} : { lastUse: toTime(lastUse) }),
    ...(discarded === undefined ? {} : { discarded: toTime(discarded) }),
    ...(prunedFrom === undefined ? {} : { prunedFrom }),
  }
}
