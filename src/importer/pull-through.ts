import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import type { BlobSender } from '../blobs/index.ts'
import type { Digest } from '../oci/index.ts'
import type { BlobAnswer, Keyring, Log, RequestOptions, Upstream } from '../upstream/index.ts'
import { isUpstreamError } from '../upstream/index.ts'
import type { BlobCopier, Current } from './copy-blob.ts'
import type { Candidate, PulledStream } from './pull-candidates.ts'
import { blobCandidates, manifestCandidates, orderCandidates } from './pull-candidates.ts'
import type { RegistrySources } from './types.ts'

/** What is not here is fetched from where the stream imported it (registry.md §16). */

export interface PullRequest {
  stream: PulledStream
  digest: Digest
  tag?: string
  /** Of the request that is being answered: for the loop guard (B-67). */
  headers: IncomingHttpHeaders
  signal: AbortSignal
}

export interface PulledManifest {
  bytes: Uint8Array
  mediaType: string
}

export interface PulledBlob {
  /** Of the whole blob. */
  size: number
  contentType: string
  body?: Readable | BlobSender
  range?: { start: number; end: number }
}

/** Why the client is told more than that nothing is there. */
export type PullRefusal =
  /** 429 TOOMANYREQUESTS with this message. */
  | { kind: 'too-many-requests'; message: string }
  /** 404 OPENSHIFT_PULLTHROUGH_MANIFEST with this message. */
  | { kind: 'manifest'; message: string }

export interface PullThroughDeps {
  upstream: Upstream
  /** The keyring of a namespace, the node's included; its own failures mean an empty one (B-65). */
  keyring(namespace: string): Promise<Keyring>
  sources(): Promise<RegistrySources>
  /** `host[:port]` of this registry, never asked for its own content (B-51). */
  serverAddress: string
  /** The registry's own error for a refusal. */
  refuse(refusal: PullRefusal): Error
  /** Keeps what passes; absent: nothing is kept (B-53, B-61). */
  copier?: BlobCopier
  keepManifest?(repository: string, digest: Digest, manifest: PulledManifest): Promise<void>
  /** Told of every request to another registry. */
  onPull?: PullObserver
  log: Log
}

export type PullObserver = (pull: {
  registry: string
  /** `ManifestService.Get` and the like, as metrics have them (registry.md B-92). */
  operation: string
  seconds: number
  /** Absent when it went well. */
  code?: string
  /** Of a blob: where it is was not known before. */
  isMiss?: boolean
}) => void

export interface PullThroughSource {
  manifest(request: PullRequest): Promise<PulledManifest | undefined>
  blob(
    request: PullRequest,
    want: 'size' | 'all' | { start: number; end: number },
  ): Promise<PulledBlob | undefined>
}

interface State extends PullThroughDeps {
  /** Where a blob was found last: `registry/name` by digest (B-57). */
  found: LRUCache<Digest, string>
}

export function createPullThrough(deps: PullThroughDeps): PullThroughSource {
  const state: State = { ...deps, found: new LRUCache({ max: 10_000 }) }
  return {
    manifest: (request) => pullManifest(request, state),
    blob: (request, want) => pullBlob(request, want, state),
  }
}

function optionsFor(request: PullRequest, keyring: Keyring, insecure: boolean): RequestOptions {
  const header = request.headers['x-registry-request-url']
  const via = (Array.isArray(header) ? header : [header ?? '']).flatMap((value) => value.split(/,\s*/))
  return {
    insecure,
    credentials: keyring,
    signal: request.signal,
    via: via.filter((value) => value !== ''),
    retryServerErrors: true,
  }
}

async function pullManifest(request: PullRequest, state: State): Promise<PulledManifest | undefined> {
  const { stream, digest } = request
  const candidates = manifestCandidates(
    stream,
    digest,
    request.tag,
    state.serverAddress,
    await state.sources(),
  )
  if (candidates.length === 0) return undefined
  const keyring = await state.keyring(stream.namespace)
  const failures: string[] = []
  let isThrottled = false
  for (const { repository, insecure } of candidates) {
    try {
      const answer = await observed(state, repository.registry, 'ManifestService.Get', () =>
        state.upstream.manifest(repository, digest, optionsFor(request, keyring, insecure)),
      )
      if (answer.kind !== 'manifest') continue
      const manifest = { bytes: answer.bytes, mediaType: answer.mediaType }
      await keepManifest(request, manifest, state)
      return manifest
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason
      isThrottled ||= isUpstreamError(error, 'too-many-requests')
      failures.push(`${repository.registry}/${repository.name}@${digest}: ${describe(error)}`)
      state.log.debug(
        { registry: repository.registry, repository: repository.name, digest },
        'pull-through of a manifest failed',
      )
    }
  }
  if (isThrottled)
    throw state.refuse({ kind: 'too-many-requests', message: 'unable to pullthrough manifest' })
  // The original is asked last: its answer is the one that the user understands.
  throw state.refuse({ kind: 'manifest', message: `unable to pull manifest from ${failures.at(-1) ?? ''}` })
}

function codeOf(error: unknown): string {
  if (!isUpstreamError(error)) return 'UNKNOWN'
  return error.codes[0] ?? (error.status === 401 ? 'UNAUTHORIZED' : 'UNKNOWN')
}

async function observed<T>(
  { onPull }: State,
  registry: string,
  operation: string,
  work: () => Promise<T>,
  isMiss?: boolean,
): Promise<T> {
  if (onPull === undefined) return work()
  const start = performance.now()
  const tell = (code?: string): void =>
    onPull({
      registry,
      operation,
      seconds: (performance.now() - start) / 1000,
      ...(code === undefined ? {} : { code }),
      ...(isMiss === undefined ? {} : { isMiss }),
    })
  try {
    const result = await work()
    tell()
    return result
  } catch (error) {
    tell(codeOf(error))
    throw error
  }
}

function describe(error: unknown): string {
  return isUpstreamError(error) ? error.message : 'unexpected error'
}

/** B-53: kept before the client hears of it, but a failure is no reason to withhold it. */
async function keepManifest(
  { stream, digest }: PullRequest,
  manifest: PulledManifest,
  state: State,
): Promise<void> {
  try {
    await state.keepManifest?.(`${stream.namespace}/${stream.name}`, digest, manifest)
  } catch (error) {
    state.log.warn({ err: error, digest }, 'pulled manifest was not kept')
  }
}

type Want = 'size' | 'all' | { start: number; end: number }

async function pullBlob(request: PullRequest, want: Want, state: State): Promise<PulledBlob | undefined> {
  const { stream, digest } = request
  const candidates = orderCandidates(
    blobCandidates(stream, state.serverAddress, await state.sources()),
    state.found.get(digest),
  )
  if (candidates.length === 0) return undefined
  const keyring = await state.keyring(stream.namespace)
  let isThrottled = false
  for (const candidate of candidates) {
    try {
      const operation = want === 'size' ? 'BlobStore.Stat' : 'BlobStore.Open'
      const pulled = await observed(
        state,
        candidate.repository.registry,
        operation,
        () => pullFrom(candidate, request, want, keyring, state),
        state.found.get(digest) === undefined,
      )
      if (pulled === undefined) continue
      state.found.set(digest, `${candidate.repository.registry}/${candidate.repository.name}`)
      return pulled
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason
      isThrottled ||= isUpstreamError(error, 'too-many-requests')
      const { registry, name } = candidate.repository
      state.log.debug({ registry, repository: name, digest }, 'pull-through of a blob failed')
    }
  }
  if (isThrottled) throw state.refuse({ kind: 'too-many-requests', message: 'unable to pullthrough blob' })
  return undefined
}

interface Asking {
  candidate: Candidate
  request: PullRequest
  options: RequestOptions
  /** The repository that asks. */
  target: string
  /** Whose right, and where: two who ask with the same are given the same. */
  place: string
}

/** undefined when the place doesn't say how large the blob is: the client couldn't be told either. */
async function pullFrom(
  candidate: Candidate,
  request: PullRequest,
  want: Want,
  keyring: Keyring,
  state: State,
): Promise<PulledBlob | undefined> {
  const { stream } = request
  const { registry, name } = candidate.repository
  const asking: Asking = {
    candidate,
    request,
    options: optionsFor(request, keyring, candidate.insecure),
    target: `${stream.namespace}/${stream.name}`,
    place: `${stream.namespace} ${registry}/${name}`,
  }
  if (want === 'size') return pullSize(asking, state)
  return want === 'all' ? pullWhole(asking, state) : pullPart(asking, want, state)
}

function openWhole({ candidate, request, options }: Asking, { upstream }: State): Promise<BlobAnswer> {
  // The transfer goes on when the client goes away.
  const { signal: _signal, ...lasting } = options
  return upstream.blob(candidate.repository, request.digest, { ...lasting, isHashedByCaller: true })
}

/** Keeps the blob without anyone waiting for it; a failure is logged where it shows. */
function copyInBackground(asking: Asking, state: State): void {
  const { place, target, request } = asking
  state.copier
    ?.begin(place, target, request.digest, () => openWhole(asking, state))
    .catch((error: unknown) => state.log.debug({ err: error, digest: request.digest }, 'blob copy not begun'))
}

async function pullSize(asking: Asking, state: State): Promise<PulledBlob | undefined> {
  const { candidate, request, options } = asking
  const { size, contentType } = await state.upstream.headBlob(candidate.repository, request.digest, options)
  if (size === undefined) return undefined
  copyInBackground(asking, state)
  return { size, contentType }
}

/** `registry/name` of a place. */
function upstreamOf(place: string): string {
  return place.slice(place.indexOf(' ') + 1)
}

/**
 * A transfer under way is joined by whoever could have begun it: who asks from another namespace, so with other secrets, or
 * elsewhere, has to be let in by the registry first.
 */
async function joinTransfer(
  asking: Asking,
  range: { start: number; end: number } | undefined,
  state: State,
): Promise<PulledBlob | undefined> {
  const { request, place, target, options, candidate } = asking
  for (let seen: Current | undefined; ; ) {
    const current = state.copier?.current(request.digest)
    if (current === undefined || current === seen) return undefined
    seen = current
    const isOwn = current.place === place
    // Another registry's word, perhaps a tenant's own, opens nothing that comes from this one.
    if (!isOwn && upstreamOf(current.place) !== upstreamOf(place)) return undefined
    const transfer = await (isOwn ? current.opening : current.opening.catch(() => undefined))
    if (transfer === undefined) continue
    if (range !== undefined && range.start > transfer.received) return undefined
    if (!isOwn) await state.upstream.headBlob(candidate.repository, request.digest, options)
    const body = await transfer.join(target, range)
    if (body === undefined) return undefined
    const { size, contentType } = transfer
    return { size, contentType, body, ...(range === undefined ? {} : { range }) }
  }
}

async function pullWhole(asking: Asking, state: State): Promise<PulledBlob | undefined> {
  const { candidate, request, options, place, target } = asking
  const { digest } = request
  // That somebody else has it here is no reason: the word of an upstream that a tenant may run himself is no proof, its bytes are.
  const joined = await joinTransfer(asking, undefined, state)
  if (joined !== undefined) return joined
  const transfer = await state.copier?.begin(place, target, digest, () => openWhole(asking, state))
  const body = await transfer?.join(target)
  if (transfer !== undefined && body !== undefined) {
    return { size: transfer.size, contentType: transfer.contentType, body }
  }
  // Without a copy the client's end is the transfer's.
  return (
    (await joinTransfer(asking, undefined, state)) ??
    toPulled(await state.upstream.blob(candidate.repository, digest, options))
  )
}

async function pullPart(
  asking: Asking,
  range: { start: number; end: number },
  state: State,
): Promise<PulledBlob | undefined> {
  const joined = await joinTransfer(asking, range, state)
  if (joined !== undefined) return joined
  const { candidate, request, options } = asking
  const part = await state.upstream.blob(candidate.repository, request.digest, { ...options, range })
  copyInBackground(asking, state)
  return toPulled(part)
}

function toPulled({ size, contentType, stream, range }: BlobAnswer): PulledBlob | undefined {
  if (size === undefined) {
    stream.destroy()
    return undefined
  }
  return { size, contentType, body: stream, ...(range === undefined ? {} : { range }) }
}
