import type { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import type { Image } from '../api/image/index.ts'
import type { FetchResult, ImportFetch } from '../image/index.ts'
import { choosePlatform, imageFromImport, successStatus } from '../image/index.ts'
import type { Descriptor, Digest, ImageReference, IndexManifest, Manifest } from '../oci/index.ts'
import { dockerSchema1, dockerSchema1Signed, formatExact, parseManifest, parseSchema1 } from '../oci/index.ts'
import type { Keyring, Log, ManifestAnswer, RequestOptions, Upstream } from '../upstream/index.ts'
import { isUpstreamError, UpstreamError } from '../upstream/index.ts'
import type { Place } from './locate.ts'
import { planPlaces } from './locate.ts'
import { joinStatuses, toImageStatus } from './outcome.ts'
import type { RegistrySources } from './types.ts'

/** Fetches one image with all that its Image object needs (import.md §3.4). */

export interface FetchDeps {
  upstream: Upstream
  now(): Date
  /** Sizes of schema 1 layers by `registry digest`, for the whole process (import.md §3.7). */
  layerSizes: LRUCache<string, number>
  log: Log
}

export interface FetchContext {
  keyring: Keyring
  sources: RegistrySources
  signal: AbortSignal | undefined
  /** Resolves once the place has answered as a registry; rejects the same way for all who ask in one run. */
  reach(place: Place): Promise<void>
}

/** Rejects only when the signal aborts. */
export async function fetchImage(
  fetch: ImportFetch,
  context: FetchContext,
  deps: FetchDeps,
): Promise<FetchResult> {
  const { repository, tag = '', digest = '' } = fetch
  const ref = formatExact({ ...repository.target, tag, id: digest })
  const by = digest === '' ? 'tag' : 'digest'
  const failures: FetchResult['status'][] = []
  for (const place of planPlaces(repository.target, by, repository.insecure, context.sources)) {
    try {
      await context.reach(place)
      return await fetchFrom({ place, fetch, context, deps, options: optionsFor(place, context) })
    } catch (error) {
      if (context.signal?.aborted) throw context.signal.reason
      tellFailure(error, ref, deps.log)
      failures.push(toImageStatus(error, ref))
    }
  }
  return { status: joinStatuses(failures) }
}

/** Which secret was refused is for the log: what the status says is fixed by what clients know. */
function tellFailure(error: unknown, ref: string, log: Log): void {
  if (!isUpstreamError(error)) log.warn({ err: error, ref }, 'import failed unexpectedly')
  else log.debug({ ref, kind: error.kind, cause: error.message, secret: error.secret }, 'import failed')
}

export function optionsFor(place: Place, { keyring, signal }: FetchContext): RequestOptions {
  return { insecure: place.insecure, credentials: keyring, ...(signal === undefined ? {} : { signal }) }
}

/** One place, and what is wanted of it. */
interface Source {
  place: Place
  fetch: ImportFetch
  context: FetchContext
  options: RequestOptions
  deps: FetchDeps
}

async function fetchFrom(source: Source): Promise<FetchResult> {
  const { fetch } = source
  const answer = await readManifest(source, fetch.digest ?? fetch.tag ?? '')
  const { manifest } = answer
  if (manifest?.kind !== 'index') return { status: successStatus, image: await toImage(source, answer) }
  if (fetch.mode === 'PreserveOriginal') return keepList(source, answer, manifest)
  return { status: successStatus, image: await toImage(source, await resolveList(source, manifest)) }
}

interface Answer {
  digest: Digest
  mediaType: string
  text: string
  /** undefined for schema 1. */
  manifest: Manifest | undefined
}

async function readManifest({ place, options, deps }: Source, reference: string): Promise<Answer> {
  return parseAnswer(await deps.upstream.manifest(place.repository, reference, { ...options, schema1: true }))
}

function parseAnswer(answer: ManifestAnswer): Answer {
  if (answer.kind !== 'manifest') throw new Error('an unconditional fetch found nothing new')
  const text = answer.bytes.toString('utf8')
  const { digest, mediaType } = answer
  if (mediaType === dockerSchema1 || mediaType === dockerSchema1Signed) {
    const read = parseSchema1(text)
    if (typeof read === 'string') throw new UpstreamError('bad-answer', read)
    return { digest, mediaType, text, manifest: undefined }
  }
  const parsed = parseManifest(text, namedType(mediaType))
  if (!parsed.ok) throw new UpstreamError('bad-answer', parsed.problem)
  return { digest, mediaType: parsed.manifest.mediaType, text, manifest: parsed.manifest }
}

/** Types that say nothing: the manifest's own `mediaType` counts. */
function namedType(mediaType: string): string | undefined {
  return mediaType === 'application/json' || mediaType === 'text/plain' ? undefined : mediaType
}

const deepestList = 4

/** The image that a Legacy import takes; lists within lists are followed the same way. */
async function resolveList(source: Source, list: IndexManifest, depth = 1): Promise<Answer> {
  const chosen = choosePlatform(list.manifests, source.fetch.platform)
  if (chosen === undefined) throw new UpstreamError('bad-answer', 'no manifests in manifest list')
  const answer = await readManifest(source, chosen.digest)
  if (answer.manifest?.kind !== 'index') return answer
  if (depth >= deepestList) throw new UpstreamError('bad-answer', 'manifest lists are nested too deeply')
  return resolveList(source, answer.manifest, depth + 1)
}

const atOnce = 4
const mostEntries = 1000

/** The list as an Image, and an Image for each entry. */
async function keepList(source: Source, answer: Answer, list: IndexManifest): Promise<FetchResult> {
  if (list.manifests.length > mostEntries) {
    throw new UpstreamError('too-large', `the manifest list has more than ${mostEntries} entries`)
  }
  const limit = pLimit(atOnce)
  const distinct = new Map(list.manifests.map((entry) => [entry.digest, entry]))
  const fetched = new Map<Digest, Promise<Image>>()
  for (const [digest, entry] of distinct)
    fetched.set(
      digest,
      limit(() => fetchEntry(source, entry)),
    )
  const manifests = await Promise.all(
    list.manifests.map(({ digest }) => fetched.get(digest) as Promise<Image>),
  )
  return {
    status: successStatus,
    image: buildImage(source, answer),
    ...(manifests.length === 0 ? {} : { manifests }),
  }
}

async function fetchEntry(source: Source, entry: Descriptor): Promise<Image> {
  const answer = await readManifest(source, entry.digest)
  const { manifest } = answer
  return toImage(source, manifest?.kind === 'index' ? await resolveList(source, manifest) : answer)
}

function buildImage({ fetch, deps }: Source, { digest, mediaType, text }: Answer, config?: string): Image {
  const reference: ImageReference = fetch.repository.written
  const fetched = { digest, mediaType, text, reference, ...(config === undefined ? {} : { config }) }
  return imageFromImport(fetched, fetch.includeManifest, deps.now())
}

async function toImage(source: Source, answer: Answer): Promise<Image> {
  const { place, options, deps } = source
  if (answer.manifest === undefined) return withLayerSizes(source, buildImage(source, answer))
  if (answer.manifest.kind !== 'image') {
    throw new UpstreamError('bad-answer', 'a manifest list where an image was expected')
  }
  const config = await deps.upstream.readBlob(place.repository, answer.manifest.config.digest, options)
  return buildImage(source, answer, config.toString('utf8'))
}

/** Schema 1 doesn't say how large its layers are. */
async function withLayerSizes({ place, options, deps }: Source, image: Image): Promise<Image> {
  const { repository } = place
  const limit = pLimit(atOnce)
  const sizeOf = async (name: string, size: number): Promise<number> => {
    const key = `${repository.registry} ${name}`
    const known = size > 0 ? size : deps.layerSizes.get(key)
    if (known !== undefined) return known
    const stat = await deps.upstream.headBlob(repository, name as Digest, options)
    if (stat.size !== undefined) deps.layerSizes.set(key, stat.size)
    return stat.size ?? 0
  }
  const layers = await Promise.all(
    (image.dockerImageLayers ?? []).map((layer) =>
      limit(async () => ({ ...layer, size: await sizeOf(layer.name, layer.size) })),
    ),
  )
  const distinct = new Map(layers.map(({ name, size }) => [name, size]))
  const size = [...distinct.values()].reduce((sum, bytes) => sum + bytes, 0)
  const metadata = image.dockerImageMetadata as Record<string, unknown>
  return {
    ...image,
    dockerImageLayers: layers,
    dockerImageMetadata: { ...metadata, ...(size === 0 ? {} : { Size: size }) },
  }
}
