import { createHash } from 'node:crypto'
import type { Digest } from '../oci/digest.ts'
import { digestAlgorithm, parseDigest } from '../oci/digest.ts'
import {
  dockerManifest,
  dockerManifestList,
  dockerSchema1,
  dockerSchema1Signed,
  ociIndex,
  ociManifest,
} from '../oci/media-types.ts'
import { schema1Payload } from '../oci/schema1.ts'
import { checkEncoding, contentIntegrity, contentLength, oneHeader, readBody, skipBody } from './body.ts'
import { isUpstreamError, UpstreamError } from './errors.ts'
import type { Reply, Session } from './session.ts'
import type { Repository } from './target.ts'
import { manifestPath } from './target.ts'
import type { ManifestAnswer, ManifestOptions, ManifestStat } from './upstream.ts'

const understood: readonly string[] = [dockerManifest, dockerManifestList, ociManifest, ociIndex]
const schema1Types: ReadonlySet<string> = new Set([dockerSchema1, dockerSchema1Signed])

/** Fetches and verifies (import.md §3.4); with `ifNot`, a HEAD that says "still that" ends it. */
export async function fetchManifest(
  session: Session,
  repository: Repository,
  reference: string,
  options: ManifestOptions,
): Promise<ManifestAnswer> {
  const path = manifestPath(repository.name, reference)
  if (options.ifNot !== undefined) {
    const stat = await statManifest(session, repository, reference, options).catch(headMayFail)
    if (stat?.digest === options.ifNot)
      return { kind: 'unchanged', digest: options.ifNot, secret: stat.secret }
  }
  return session.document(
    repository,
    { method: 'GET', path, headers: acceptHeader(options) },
    options,
    (reply) => readManifest(session, reply, parseDigest(reference), options.schema1 ?? false),
  )
}

/** A refusal of HEAD says little: the GET that follows gets the registry's own words, or the manifest after all. */
function headMayFail(error: unknown): undefined {
  const isAnswer = isUpstreamError(error) && error.status !== undefined && error.kind !== 'too-many-requests'
  if (!isAnswer) throw error
}

export async function statManifest(
  session: Session,
  repository: Repository,
  reference: string,
  options: ManifestOptions,
): Promise<ManifestStat> {
  const path = manifestPath(repository.name, reference)
  const question = { method: 'HEAD', path, headers: acceptHeader(options) } as const
  return session.document(repository, question, options, async (reply) => {
    skipBody(reply.body, {})
    const digest = headerDigest(reply)
    const asked = parseDigest(reference)
    if (asked !== undefined && digest !== undefined && digest !== asked) {
      throw contentIntegrity('manifest', asked, digest)
    }
    return { digest, mediaType: mediaTypeOf(reply), size: contentLength(reply.headers), secret: reply.secret }
  })
}

function acceptHeader({ accept, schema1 = false }: ManifestOptions): { accept: string } {
  return { accept: (accept ?? (schema1 ? [...understood, dockerSchema1Signed] : understood)).join(', ') }
}

function headerDigest(reply: Reply): Digest | undefined {
  return parseDigest(oneHeader(reply.headers, 'docker-content-digest') ?? '')
}

function mediaTypeOf(reply: Reply): string {
  return (oneHeader(reply.headers, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

async function readManifest(
  session: Session,
  reply: Reply,
  asked: Digest | undefined,
  takesSchema1: boolean,
): Promise<ManifestAnswer> {
  if (reply.status !== 200) {
    skipBody(reply.body, reply.headers)
    throw new UpstreamError(
      'bad-answer',
      `received unexpected HTTP status: ${reply.status} ${reply.statusText}`,
      {
        status: reply.status,
      },
    )
  }
  checkEncoding(reply.headers)
  const body = await readBody(reply.body, reply.headers, session.limits.manifestBytes, 'the manifest')
  const mediaType = mediaTypeOf(reply)
  const bytes = isSchema1(mediaType, body) ? schema1Bytes(body, takesSchema1) : body
  const digest = digestOf(bytes, asked)
  if (asked !== undefined && digest !== asked) throw contentIntegrity('manifest', asked, digest)
  checkHeader(reply, bytes)
  return { kind: 'manifest', digest, mediaType, bytes, secret: reply.secret }
}

/** Some registries call everything `application/json` or `text/plain`. */
function isSchema1(mediaType: string, bytes: Buffer): boolean {
  if (schema1Types.has(mediaType)) return true
  if (understood.includes(mediaType)) return false
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'))
    return (
      typeof body === 'object' && body !== null && (body as { schemaVersion?: unknown }).schemaVersion === 1
    )
  } catch {
    return false
  }
}

/**
 * What the digest of a schema 1 manifest covers: all but the signatures. Only that may be read, or a registry could
 * slip other layers in beside the signatures.
 */
function schema1Bytes(body: Buffer, isTaken: boolean): Buffer {
  if (!isTaken) {
    const text = 'manifests of schema 1 are not supported: push the image again in a newer format'
    throw new UpstreamError('bad-answer', text)
  }
  const payload = readPayload(body.toString('utf8'))
  if (payload === undefined) throw new UpstreamError('bad-answer', 'the signed manifest is malformed')
  return Buffer.from(payload, 'utf8')
}

function readPayload(text: string): string | undefined {
  try {
    return schema1Payload(text)
  } catch {
    return undefined
  }
}

function digestOf(bytes: Buffer, like: Digest | undefined): Digest {
  const algorithm = like === undefined ? 'sha256' : digestAlgorithm(like)
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest
}

/** Bytes that aren't what their own header says are corrupt or forged, whatever was asked for (threat 4). */
function checkHeader(reply: Reply, bytes: Buffer): void {
  const claimed = headerDigest(reply)
  if (claimed === undefined) return
  const actual = digestOf(bytes, claimed)
  if (actual !== claimed) throw contentIntegrity('manifest', claimed, actual)
}
