import {
  type ImageImportSpec,
  type ImageImportStatus,
  type ImageStream,
  type ImageStreamImport,
  type ImportMode,
  imageGroup,
  imageResource,
  insecureRepositoryAnnotation,
  isAnnotatedTrue,
  preferArchAnnotation,
  preferOsAnnotation,
} from '../api/image/index.ts'
import { type ApiError, conflict, type FieldError, invalid, notFound, quote } from '../machinery/index.ts'
import {
  asRepository,
  formatExact,
  hostPort,
  type ImageReference,
  parseReference,
  withClientDefaults,
} from '../oci/index.ts'
import type { PlatformChoice } from './choose-platform.ts'
import { importUnknownStatus } from './import-status.ts'
import { specTag } from './stream-tags.ts'
import { type Whitelist, whitelistProblem } from './whitelist.ts'

/** A repository to be asked, once for all entries of a request that name it (import.md §3.1). */
export interface ImportRepository {
  /** As the first entry wrote it: the form that results show. Without tag and digest. */
  written: ImageReference
  /** With client defaults: where to connect. */
  target: ImageReference
  insecure: boolean
}

/** One thing to fetch. */
export interface ImportFetch {
  /** The same for entries that one fetch serves. */
  key: string
  repository: ImportRepository
  /** Exactly one of the two. */
  tag?: string
  digest?: string
  mode: ImportMode
  /** Which entry of a manifest list a Legacy import prefers. */
  platform: PlatformChoice
  includeManifest: boolean
}

export interface ImportRepositoryPlan {
  repository: ImportRepository
  mode: ImportMode
  platform: PlatformChoice
  includeManifest: boolean
}

/** What an ImageStreamImport asks registries for. */
export interface ImportPlan {
  request: ImageStreamImport
  /** Each fetch once, in the order of the request. */
  fetches: ImportFetch[]
  /** Keys into `fetches`, one for each of `spec.images`; undefined where there is nothing to fetch. */
  images: (string | undefined)[]
  repository: ImportRepositoryPlan | undefined
}

/** What became of a fetch. */
export type FetchResult = Omit<ImageImportStatus, 'tag'>

/** Architecture and OS of the server, in registry words: `amd64`, `linux`. */
export type ServerPlatform = PlatformChoice

/**
 * The stream that a request is for must be the one that the caller saw (import.md §2.1, step 4). Throws NotFound or
 * Conflict.
 */
export function checkImportVersion(request: ImageStreamImport, stream: ImageStream | undefined): void {
  const { name = '', resourceVersion: sent = '' } = request.metadata
  if (sent === '') return
  if (stream === undefined) throw notFound(imageResource('imagestreamimports'), name)
  const current = stream.metadata.resourceVersion ?? ''
  if (sent === current) return
  const why = `the image stream was updated from ${quote(sent)} to ${quote(current)}`
  throw conflict({ group: imageGroup, resource: 'imagestream' }, name, why)
}

/** Refuses sources that the whitelist excludes (image-api.md §8); callers who may create images are not asked. */
export function importWhitelistError(request: ImageStreamImport, whitelist: Whitelist): ApiError | undefined {
  const { images = [], repository } = request.spec
  const sources = [
    ...(repository === undefined ? [] : [{ spec: repository, field: 'spec.repository.from.name' }]),
    ...images.map((spec, index) => ({ spec, field: `spec.images[${index}].from.name` })),
  ]
  const errors = sources.flatMap(({ spec, field }): FieldError[] => {
    const reference = parseReference(spec.from.name ?? '')
    if (reference === undefined) return []
    const insecure = spec.importPolicy.insecure === true
    const { host, port } = hostPort(reference, insecure)
    const registry = `${host}:${port}`
    const asked = { ...reference, registry }
    const problem = whitelistProblem(whitelist, asked, insecure ? 'insecure' : 'secure')
    if (problem === undefined) return []
    const detail = `importing images from registry ${quote(registry)} is forbidden: ${problem}`
    return [{ type: 'Forbidden', field, detail }]
  })
  if (errors.length === 0) return undefined
  return invalid({ group: imageGroup, kind: 'ImageStreamImport' }, request.metadata.name ?? '', errors)
}

function repositoryKey(reference: ImageReference): string {
  return formatExact(asRepository(withClientDefaults(reference)))
}

function preferredPlatform(
  stream: ImageStream | undefined,
  tag: string,
  server: ServerPlatform,
): PlatformChoice {
  const annotations = stream === undefined ? undefined : specTag(stream, tag)?.annotations
  return {
    architecture: annotations?.[preferArchAnnotation] || server.architecture,
    os: annotations?.[preferOsAnnotation] || server.os,
  }
}

function modeOf(spec: { importPolicy: { importMode?: string } }): ImportMode {
  return spec.importPolicy.importMode === 'PreserveOriginal' ? 'PreserveOriginal' : 'Legacy'
}

/**
 * What a request asks for (import.md §3.1, §3.4). `request` is canonical and valid; `stream` the stored stream, whose
 * tags may prefer a platform and whose annotation may allow insecure transport for all.
 */
export function planImport(
  request: ImageStreamImport,
  stream: ImageStream | undefined,
  server: ServerPlatform,
): ImportPlan {
  const allInsecure = stream !== undefined && isAnnotatedTrue(stream, insecureRepositoryAnnotation)
  const repositories = new Map<string, ImportRepository>()
  const repositoryOf = (reference: ImageReference, insecure: boolean | undefined): ImportRepository => {
    const key = repositoryKey(reference)
    const known = repositories.get(key)
    if (known !== undefined) return known
    const added = {
      written: asRepository(reference),
      target: asRepository(withClientDefaults(reference)),
      insecure: allInsecure || insecure === true,
    }
    repositories.set(key, added)
    return added
  }
  const fetches = new Map<string, ImportFetch>()
  const images = (request.spec.images ?? []).map((spec) => {
    const reference = parseReference(spec.from.name ?? '')
    if (reference === undefined) return undefined
    const fetch = planFetch(
      spec,
      reference,
      repositoryOf(reference, spec.importPolicy.insecure),
      stream,
      server,
    )
    const known = fetches.get(fetch.key)
    const includeManifest = fetch.includeManifest || known?.includeManifest === true
    fetches.set(fetch.key, { ...fetch, includeManifest })
    return fetch.key
  })
  const repository = planRepository(request, repositoryOf, server)
  return { request, fetches: [...fetches.values()], images, repository }
}

function planFetch(
  spec: ImageImportSpec,
  reference: ImageReference,
  repository: ImportRepository,
  stream: ImageStream | undefined,
  server: ServerPlatform,
): ImportFetch {
  const mode = modeOf(spec)
  const includeManifest = spec.includeManifest === true
  const base = repositoryKey(reference)
  if (reference.id !== '') {
    const key = `${base}@${reference.id} ${mode}`
    return { key, repository, digest: reference.id, mode, platform: server, includeManifest }
  }
  const { tag } = withClientDefaults(reference)
  const platform = preferredPlatform(stream, spec.to?.name ?? tag, server)
  const key = `${base}:${tag} ${mode} ${platform.os}/${platform.architecture}`
  return { key, repository, tag, mode, platform, includeManifest }
}

function planRepository(
  request: ImageStreamImport,
  repositoryOf: (reference: ImageReference, insecure: boolean | undefined) => ImportRepository,
  server: ServerPlatform,
): ImportRepositoryPlan | undefined {
  const spec = request.spec.repository
  const reference = parseReference(spec?.from.name ?? '')
  if (spec === undefined || reference === undefined) return undefined
  return {
    repository: repositoryOf(reference, spec.importPolicy.insecure),
    mode: modeOf(spec),
    platform: server,
    includeManifest: spec.includeManifest === true,
  }
}

/** `status.images`: one entry for each of `spec.images`, from the results by key. */
export function imageStatuses(
  plan: ImportPlan,
  results: ReadonlyMap<string, FetchResult>,
): ImageImportStatus[] {
  const byKey = new Map(plan.fetches.map((fetch) => [fetch.key, fetch]))
  return (plan.request.spec.images ?? []).map((spec, index) => {
    const key = plan.images[index] ?? ''
    const tag = byKey.get(key)?.tag ?? ''
    const result = results.get(key) ?? {
      status: importUnknownStatus(tag, spec.from.name ?? '', spec.importPolicy.importMode ?? ''),
    }
    return { ...result, ...(tag === '' ? {} : { tag }) }
  })
}
