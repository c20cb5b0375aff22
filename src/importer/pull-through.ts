import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import type { Digest } from '../oci/index.ts'
import type { BlobAnswer, Keyring, Log, RequestOptions, Upstream } from '../upstream/index.ts'
import { isUpstreamError } from '../upstream/index.ts'
import type { BlobCopier } from './copy-blob.ts'
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
  stream?: Readable
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
  log: Log
}

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
      const answer = await state.upstream.manifest(repository, digest, optionsFor(request, keyring, insecure))
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
      const pulled = await pullFrom(candidate, request, want, keyring, state)
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

/** undefined when the place doesn't say how large the blob is: the client couldn't be told either. */
async function pullFrom(
  { repository, insecure }: Candidate,
  request: PullRequest,
  want: Want,
  keyring: Keyring,
  state: State,
): Promise<PulledBlob | undefined> {
  const { stream, digest } = request
  const { upstream, copier } = state
  const options = optionsFor(request, keyring, insecure)
  const { signal: _signal, ...lasting } = options
  const target = `${stream.namespace}/${stream.name}`
  const open = () => upstream.blob(repository, digest, lasting)
  if (want === 'size') {
    const { size, contentType } = await upstream.headBlob(repository, digest, options)
    if (size === undefined) return undefined
    copier?.start(target, digest, open)
    return { size, contentType }
  }
  if (want !== 'all') {
    const part = await upstream.blob(repository, digest, { ...options, range: want })
    copier?.start(target, digest, open)
    return toPulled(part)
  }
  // The copy goes on when the client goes away; without a copy the client's end is the transfer's.
  const shared = await copier?.share(target, digest, open, request.signal)
  return toPulled(shared ?? (await upstream.blob(repository, digest, options)))
}

function toPulled({ size, contentType, stream, range }: BlobAnswer): PulledBlob | undefined {
  if (size === undefined) {
    stream.destroy()
    return undefined
  }
  return { size, contentType, stream, ...(range === undefined ? {} : { range }) }
}
