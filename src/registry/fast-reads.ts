import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Digest, parseDigest } from '../oci/index.ts'
import { acceptsManifest } from './accept.ts'
import type { BlobKnowledge } from './blob-knowledge.ts'
import { blobHeaders } from './blob-routes.ts'
import type { RegistryConfig } from './config.ts'
import type { Door } from './door.ts'
import type { ManifestSource, ReadyManifest } from './manifest-source.ts'
import { parseRepository, type Repository } from './repository.ts'
import type { RepositoryRecords } from './repository-records.ts'
import { parseRoute } from './route.ts'
import type { StreamReader } from './stream-reader.ts'

/**
 * The reads that pulls and looks for newer images consist of, answered at once from memory: manifests that are kept ready,
 * and the sizes of blobs. Everything that is not wholly known, and every request that is in any way out of the ordinary, is
 * left to the long way round, whose answers these are.
 */
export type FastReads = (request: IncomingMessage, response: ServerResponse) => boolean

export interface FastReadsOptions {
  config: Pick<RegistryConfig, 'manifestVisibility'>
  door: Door
  reader: StreamReader
  manifests: Pick<ManifestSource, 'cached'>
  knowledge: BlobKnowledge
  records: Pick<RepositoryRecords, 'peekManifest'>
  /** On every answer. */
  headers: Readonly<Record<string, string>>
}

type Target =
  | { kind: 'manifest'; repository: Repository; tag: string | undefined; digest: Digest | undefined }
  | { kind: 'blob'; repository: Repository; digest: Digest }

/** An answer in the form that costs the least to send. */
interface Ready {
  headers: string[]
  /** A body of up to {@link oneWrite} bytes, as text of one byte a character, goes out in one piece with its headers. */
  text: string | undefined
  bytes: Buffer
}

const maxTargets = 20_000
const maxAccepts = 200
const oneWrite = 64 << 10

function parseTarget(url: string): Target | undefined {
  if (url.includes('?')) return undefined
  const route = parseRoute(url)
  if (route?.kind !== 'manifest' && route?.kind !== 'blob') return undefined
  const repository = parseRepository(route.name)
  if (repository === undefined) return undefined
  if (route.kind === 'manifest') {
    const digest = parseDigest(route.reference)
    return { kind: 'manifest', repository, digest, tag: digest === undefined ? route.reference : undefined }
  }
  const digest = parseDigest(route.digest)
  return digest === undefined ? undefined : { kind: 'blob', repository, digest }
}

/** A function of its argument, remembered for so many arguments. */
function remembering<K, V>(most: number, make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined || known.has(key)) return found as V
    if (known.size >= most) known.clear()
    const made = make(key)
    known.set(key, made)
    return made
  }
}

/** Conditions, ranges and bodies change what is answered, or how. */
function isPlain({ headers }: IncomingMessage): boolean {
  return (
    headers['if-none-match'] === undefined &&
    headers.range === undefined &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    headers.expect === undefined
  )
}

export function createFastReads(options: FastReadsOptions): FastReads {
  const { config, door, reader, manifests, knowledge, records } = options
  const fixed = Object.entries(options.headers).flat()
  const showsLinked = config.manifestVisibility === 'repository'
  const targetOf = remembering(maxTargets, parseTarget)
  const acceptorOf = remembering(maxAccepts, (accept: string | undefined) =>
    remembering(maxAccepts, (mediaType: string) => acceptsManifest(accept, mediaType)),
  )
  const readyForms = new WeakMap<ReadyManifest, Ready>()
  const sizeHeaders = new WeakMap<Target, string[]>()

  function readyOf(manifest: ReadyManifest): Ready {
    const known = readyForms.get(manifest)
    if (known !== undefined) return known
    const { bytes } = manifest
    const made = {
      headers: [...Object.entries(manifest.headers).flat(), ...fixed],
      text: bytes.length <= oneWrite ? bytes.toString('latin1') : undefined,
      bytes,
    }
    readyForms.set(manifest, made)
    return made
  }

  /** The digest, when the tag's image was pushed here and a pull of it has been answered before. */
  function digestOfTag({ namespace, stream, name }: Repository, tag: string): Digest | undefined {
    const digest = reader.peekStream?.(namespace, stream)?.tags.get(tag)?.[0]?.image as Digest | undefined
    const image = digest === undefined ? undefined : reader.peekImage?.(digest)
    if (image === undefined || !image.isManaged) return undefined
    const [first] = image.layers
    return first === undefined || knowledge.sizeIn(name, first.digest) !== undefined ? digest : undefined
  }

  function isLinked({ name }: Repository, digest: Digest): boolean {
    if (!showsLinked) return false
    const record = records.peekManifest(name, digest)
    return record !== undefined && record.pulledAt === undefined
  }

  function findManifest(target: Target & { kind: 'manifest' }): ReadyManifest | undefined {
    const { repository, tag, digest } = target
    if (tag !== undefined) {
      const found = digestOfTag(repository, tag)
      return found === undefined ? undefined : manifests.cached(found)
    }
    if (digest === undefined || !isLinked(repository, digest)) return undefined
    return manifests.cached(digest)
  }

  function answerManifest(
    target: Target & { kind: 'manifest' },
    request: IncomingMessage,
    response: ServerResponse,
  ): boolean {
    const manifest = findManifest(target)
    if (manifest === undefined || !acceptorOf(request.headers.accept)(manifest.mediaType)) return false
    const { headers, text, bytes } = readyOf(manifest)
    response.writeHead(200, headers)
    if (request.method === 'HEAD') response.end()
    else if (text === undefined) response.end(bytes)
    else response.end(text, 'latin1')
    return true
  }

  function answerBlobSize(target: Target & { kind: 'blob' }, response: ServerResponse): boolean {
    const { repository, digest } = target
    const size = knowledge.sizeIn(repository.name, digest)
    if (size === undefined || size < 0) return false
    if (knowledge.pulledAt(repository.name, digest) !== undefined) return false
    let headers = sizeHeaders.get(target)
    if (headers === undefined) {
      const own = Object.entries(blobHeaders(digest, 'application/octet-stream')).flat()
      // A digest has one size.
      headers = [...own, 'Content-Length', String(size), ...fixed]
      sizeHeaders.set(target, headers)
    }
    response.writeHead(200, headers)
    response.end()
    return true
  }

  return (request, response) => {
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD') return false
    const target = targetOf(request.url ?? '')
    if (target === undefined || (target.kind === 'blob' && method === 'GET')) return false
    const { authorization } = request.headers
    if (authorization === undefined || !isPlain(request)) return false
    if (!door.isOpen(authorization, target.repository.name)) return false
    return target.kind === 'manifest'
      ? answerManifest(target, request, response)
      : answerBlobSize(target, response)
  }
}
