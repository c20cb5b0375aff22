import pLimit from 'p-limit'
import type { ImageImportStatus, RepositoryImportStatus } from '../api/image/index.ts'
import type { FetchResult, ImportFetch, ImportPlan, ImportRepositoryPlan } from '../image/index.ts'
import {
  imageStatuses,
  mergePasses,
  registryBlockedStatus,
  repositoryStatus,
  selectRepositoryTags,
  wantsAnonymousPass,
} from '../image/index.ts'
import { asRepository, formatExact } from '../oci/index.ts'
import type { Keyring } from '../upstream/index.ts'
import { isUpstreamError } from '../upstream/index.ts'
import type { FetchContext, FetchDeps } from './fetch-image.ts'
import { fetchImage, optionsFor } from './fetch-image.ts'
import type { Place } from './locate.ts'
import { blockedRegistry, planPlaces } from './locate.ts'
import { joinStatuses, toRepositoryStatus } from './outcome.ts'
import type { RunContext, RunResult } from './types.ts'

/** All registry work of one import: every distinct image is fetched once, a few at a time. */

const atOnce = 5

/**
 * The results of `spec.images` and `spec.repository`, in their shapes and order (import.md §2.2). Rejects only when the
 * signal aborts: whatever else goes wrong is a status.
 */
export async function runImport(plan: ImportPlan, context: RunContext, deps: FetchDeps): Promise<RunResult> {
  const first = await runPass(plan, context, context.keyring, deps)
  if (!wantsAnonymousPass(first.images)) return first
  const second = await runPass(plan, context, context.anonymous, deps)
  return { ...second, images: mergePasses(first.images, second.images) }
}

/** One pass over everything with one set of credentials. */
interface Pass {
  run: RunContext
  context: FetchContext
  deps: FetchDeps
  /** By key. */
  fetched: Map<string, Promise<FetchResult>>
  limit: ReturnType<typeof pLimit>
}

async function runPass(
  plan: ImportPlan,
  run: RunContext,
  keyring: Keyring,
  deps: FetchDeps,
): Promise<RunResult> {
  const { sources, signal } = run
  const context: FetchContext = { keyring, sources, signal, reach: createReach(deps, signal) }
  const pass: Pass = { run, context, deps, fetched: new Map(), limit: pLimit(atOnce) }
  const fetches = Promise.all(
    plan.fetches.map(async (fetch) => [fetch.key, await fetchOnce(fetch, pass)] as const),
  )
  const [results, repository] = await Promise.all([
    fetches,
    plan.repository === undefined ? undefined : importRepository(plan.repository, plan, pass),
  ])
  return { images: imageStatuses(plan, new Map(results)), repository }
}

/** A registry that can't be reached is asked once a run, not once a tag (import.md §3.2). */
function createReach(
  { upstream }: FetchDeps,
  signal: AbortSignal | undefined,
): (place: Place) => Promise<void> {
  const asked = new Map<string, Promise<void>>()
  return ({ repository, insecure }) => {
    const key = `${insecure} ${repository.registry}/${repository.name}`
    const known = asked.get(key)
    if (known !== undefined) return known
    const options = { insecure, ...(signal === undefined ? {} : { signal }) }
    const answer = upstream.ping(repository.registry, options).then(() => undefined)
    asked.set(key, answer)
    return answer
  }
}

function fetchOnce(fetch: ImportFetch, pass: Pass): Promise<FetchResult> {
  const known = pass.fetched.get(fetch.key)
  if (known !== undefined) return known
  const { written, target } = fetch.repository
  const by = fetch.digest === undefined ? 'tag' : 'digest'
  const blocked = blockedRegistry(written, target, by, pass.run.sources)
  const fetched =
    blocked === undefined
      ? pass.limit(() => fetchImage(fetch, pass.context, pass.deps))
      : Promise.resolve({ status: registryBlockedStatus(blocked) })
  pass.fetched.set(fetch.key, fetched)
  return fetched
}

async function importRepository(
  planned: ImportRepositoryPlan,
  plan: ImportPlan,
  pass: Pass,
): Promise<RepositoryImportStatus> {
  const { written, target } = planned.repository
  const blocked = blockedRegistry(written, target, 'tag', pass.run.sources)
  if (blocked !== undefined) return { status: registryBlockedStatus(blocked) }
  const listed = await listTags(planned, pass)
  if (!Array.isArray(listed)) return { status: listed }
  const { imported, additional } = selectRepositoryTags(listed, pass.run.maxImagesPerRepository)
  // What spec.images fetches anyway costs nothing more (import.md §3.8).
  const known = new Map(
    plan.fetches.map((fetch) => [
      `${formatExact(asRepository(fetch.repository.target))}:${fetch.tag ?? ''} ${fetch.mode}`,
      fetch,
    ]),
  )
  const fetchKnown = (tag: string) => known.get(`${formatExact(asRepository(target))}:${tag} ${planned.mode}`)
  const wanted = [...imported, ...additional.filter((tag) => fetchKnown(tag) !== undefined)]
  const images = await Promise.all(wanted.map((tag) => importTag(tag, planned, fetchKnown(tag), pass)))
  const left = additional.filter((tag) => fetchKnown(tag) === undefined)
  return {
    status: repositoryStatus(images),
    ...(images.length === 0 ? {} : { images }),
    ...(left.length === 0 ? {} : { additionalTags: left }),
  }
}

async function importTag(
  tag: string,
  planned: ImportRepositoryPlan,
  known: ImportFetch | undefined,
  pass: Pass,
): Promise<ImageImportStatus> {
  const key = `repository ${tag}`
  const { repository, mode, platform, includeManifest } = planned
  const usual = { key, repository, tag, mode, platform, includeManifest }
  // One fetch serves both only where both would take the same image of a list.
  const isSame =
    known?.platform.architecture === platform.architecture &&
    known.platform.os === platform.os &&
    known.includeManifest === includeManifest
  return { ...(await fetchOnce(isSame ? known : usual, pass)), tag }
}

/** The tags, or why there are none to be had. */
async function listTags(
  { repository }: ImportRepositoryPlan,
  pass: Pass,
): Promise<string[] | RepositoryImportStatus['status']> {
  const { context, deps } = pass
  const from = formatExact(repository.written)
  const failures: RepositoryImportStatus['status'][] = []
  for (const place of planPlaces(repository.target, 'tag', repository.insecure, context.sources)) {
    try {
      await context.reach(place)
      return await deps.upstream.tags(place.repository, optionsFor(place, context))
    } catch (error) {
      if (context.signal?.aborted) throw context.signal.reason
      if (!isUpstreamError(error)) deps.log.warn({ err: error, from }, 'import failed unexpectedly')
      failures.push(toRepositoryStatus(error, from))
    }
  }
  return joinStatuses(failures)
}
