import { createHash } from 'node:crypto'
import {
  type BlobStat,
  type BlobStore,
  DigestMismatchError,
  OffsetError,
  type UploadStat,
  UploadUnknownError,
} from '../blobs/index.ts'
import { type Digest, parseDigest } from '../oci/index.ts'
import type { Answer } from './answer.ts'
import { emptyAnswer } from './answer.ts'
import type { BlobKnowledge } from './blob-knowledge.ts'
import { bodyOf, type Call, contentLength, ownsBody } from './call.ts'
import { type RegistryError, registryError } from './errors.ts'
import type { MountBlob } from './mount-blob.ts'
import { parseUploadRange } from './range.ts'
import type { RepositoryRecords } from './repository-records.ts'
import type { UploadStates } from './upload-state.ts'

export interface UploadRoutesOptions {
  blobs: Pick<BlobStore, 'put' | 'uploads'>
  records: Pick<RepositoryRecords, 'linkBlob'>
  knowledge: BlobKnowledge
  mount: MountBlob
  states: UploadStates
  /** Whether a blob of that size may be kept in the namespace (B-71). */
  admits(namespace: string, size: number): Promise<boolean>
}

export interface UploadRoutes {
  /** end-4a, 4b, 4c and 11. */
  start(call: Call): Promise<Answer>
  /** end-5. */
  append(call: Call, id: string): Promise<Answer>
  /** end-6. */
  finish(call: Call, id: string): Promise<Answer>
  /** end-13. */
  status(call: Call, id: string): Promise<Answer>
  /** end-14. */
  cancel(call: Call, id: string): Promise<Answer>
}

const emptyDigests: ReadonlySet<string> = new Set([
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
])

/** The session belongs to whoever started it, in this repository (threats.md row 12). As a digest: both names may be long. */
const ownerOf = ({ repository, subject }: Call): string =>
  createHash('sha256')
    .update(JSON.stringify([repository.name, subject.name]))
    .digest('hex')

const hasBody = (call: Call): boolean =>
  (contentLength(call.request) ?? 0) > 0 || call.request.headers['transfer-encoding'] !== undefined

function digestMismatch(digest: Digest, cause: unknown): RegistryError {
  return registryError('DIGEST_INVALID', { detail: { Digest: digest, Reason: {} }, cause })
}

export function createUploadRoutes(options: UploadRoutesOptions): UploadRoutes {
  const { blobs, records, knowledge, mount, states, admits } = options
  const { uploads } = blobs

  function sessionHeaders(call: Call, upload: UploadStat): Record<string, string> {
    const { name } = call.repository
    const state = states.format({
      Name: name,
      UUID: upload.id,
      Offset: upload.offset,
      StartedAt: upload.startedAt.toISOString(),
    })
    return {
      'Docker-Upload-UUID': upload.id,
      Location: `${call.base}/v2/${name}/blobs/uploads/${upload.id}?_state=${state}`,
      Range: `0-${Math.max(0, upload.offset - 1)}`,
    }
  }

  function created(call: Call, digest: Digest): Answer {
    return emptyAnswer(201, {
      'Docker-Content-Digest': digest,
      Location: `${call.base}/v2/${call.repository.name}/blobs/${digest}`,
    })
  }

  /** Where the client stands and may go on from; the session is untouched. */
  function rangeInvalid(call: Call, upload: UploadStat): RegistryError {
    return registryError('RANGE_INVALID', { headers: sessionHeaders(call, upload) })
  }

  /** The session, unless it is another's: then it does not exist. */
  async function find(call: Call, id: string): Promise<UploadStat> {
    try {
      const upload = await uploads.stat(id)
      if (upload.owner === ownerOf(call)) return upload
    } catch (error) {
      if (!(error instanceof UploadUnknownError)) throw error
    }
    throw registryError('BLOB_UPLOAD_UNKNOWN')
  }

  /** the signed state must be about this session. Its offset, when it still holds. */
  function stateOffset(call: Call, id: string): number {
    const state = states.parse(call.query.get('_state') ?? '')
    if (state === undefined || state.UUID !== id || state.Name !== call.repository.name) {
      throw registryError('BLOB_UPLOAD_INVALID')
    }
    return state.Offset
  }

  /** The session at the offset that the client believes it to be at. */
  async function findForWriting(call: Call, id: string): Promise<UploadStat> {
    const offset = stateOffset(call, id)
    const upload = await find(call, id)
    if (upload.offset !== offset) throw rangeInvalid(call, upload)
    return upload
  }

  /** A-23, in its order. */
  function checkChunk(call: Call, upload: UploadStat): void {
    const header = call.request.headers['content-range']
    if (header === undefined) return
    const range = parseUploadRange(header)
    if (range === undefined || range.start !== upload.offset) throw rangeInvalid(call, upload)
    const length = contentLength(call.request)
    if (length !== undefined && range.end - range.start + 1 !== length) throw registryError('SIZE_INVALID')
  }

  /**
   * A client that counts its chunks means to go on from the last one that was acknowledged: those are synced one by one. Others
   * send one stream, and PUT follows, before whose answer all is synced.
   */
  async function receive(call: Call, upload: UploadStat): Promise<UploadStat> {
    const header = call.request.headers['content-range']
    const range = header === undefined ? undefined : parseUploadRange(header)
    const body = bodyOf(call.request)
    const canWait = range === undefined || call.method === 'PUT'
    const limited = range === undefined ? body : limitBody(body, range.end - range.start + 1)
    try {
      const options = { canWait, ownsChunks: ownsBody(call.request) }
      return await uploads.append(upload.id, upload.offset, limited, options)
    } catch (error) {
      if (error instanceof OffsetError) throw rangeInvalid(call, await find(call, upload.id))
      if (error instanceof UploadUnknownError) throw registryError('BLOB_UPLOAD_UNKNOWN')
      throw error
    }
  }

  async function link(call: Call, { digest, size }: BlobStat): Promise<void> {
    await records.linkBlob(call.repository.name, digest, { size })
    knowledge.remember(call.repository.name, digest, { size, isLasting: true })
  }

  async function checkQuota(call: Call, size: number): Promise<void> {
    if (size >= 1 && !(await admits(call.repository.namespace, size))) throw registryError('DENIED')
  }

  /** B-71: what may not stay is not kept as an upload either. */
  async function checkUploadQuota(call: Call, upload: UploadStat): Promise<void> {
    try {
      await checkQuota(call, upload.offset)
    } catch (error) {
      await uploads.cancel(upload.id)
      throw error
    }
  }

  /** A body of unknown length is refused at its end, before it becomes a blob. */
  async function* withinQuota(call: Call, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let size = 0
    for await (const chunk of body) {
      size += chunk.length
      yield chunk
    }
    await checkQuota(call, size)
  }

  /** */
  async function putWhole(call: Call, digest: Digest): Promise<Answer> {
    const body = bodyOf(call.request)
    const length = contentLength(call.request)
    await checkQuota(call, length ?? 0)
    try {
      await link(call, await blobs.put(digest, length === undefined ? withinQuota(call, body) : body))
    } catch (error) {
      if (error instanceof DigestMismatchError) throw digestMismatch(digest, error)
      throw error
    }
    return created(call, digest)
  }

  return {
    async start(call) {
      const wanted = call.query.get('mount')
      if (wanted !== null && wanted !== '') {
        const mounted = await mount(call, wanted, call.query.get('from'))
        if (mounted !== undefined) return created(call, mounted)
      }
      const claimed = call.query.get('digest')
      if (claimed !== null) {
        const digest = parseDigest(claimed)
        if (digest === undefined) throw registryError('DIGEST_INVALID', { detail: {} })
        if (hasBody(call) || emptyDigests.has(digest)) return putWhole(call, digest)
      }
      const algorithm = call.query.get('digest-algorithm') ?? 'sha256'
      if (algorithm !== 'sha256' && algorithm !== 'sha512') {
        throw registryError('DIGEST_INVALID', { message: 'unsupported digest algorithm', detail: {} })
      }
      const upload = await uploads.start(algorithm, ownerOf(call))
      return emptyAnswer(202, sessionHeaders(call, upload))
    },

    async append(call, id) {
      const type = call.request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
      if (type !== '' && type !== 'application/octet-stream') {
        throw registryError('BLOB_UPLOAD_INVALID', { status: 400, message: 'bad Content-Type' })
      }
      const upload = await findForWriting(call, id)
      checkChunk(call, upload)
      return emptyAnswer(202, sessionHeaders(call, await receive(call, upload)))
    },

    async finish(call, id) {
      const digest = parseDigest(call.query.get('digest') ?? '')
      const upload = await findForWriting(call, id)
      if (digest === undefined) throw registryError('DIGEST_INVALID', { detail: {} })
      checkChunk(call, upload)
      const whole = hasBody(call) ? await receive(call, upload) : upload
      await checkUploadQuota(call, whole)
      try {
        await link(call, await uploads.finish(id, digest))
      } catch (error) {
        if (error instanceof DigestMismatchError) throw digestMismatch(digest, error)
        if (error instanceof UploadUnknownError) throw registryError('BLOB_UPLOAD_UNKNOWN')
        throw error
      }
      return created(call, digest)
    },

    async status(call, id) {
      return emptyAnswer(204, sessionHeaders(call, await find(call, id)))
    },

    async cancel(call, id) {
      stateOffset(call, id)
      await find(call, id)
      await uploads.cancel(id).catch((error: unknown) => {
        if (error instanceof UploadUnknownError) throw registryError('BLOB_UPLOAD_UNKNOWN')
        throw error
      })
      return emptyAnswer(204, { 'Docker-Upload-UUID': id })
    },
  }
}

/** Passes on what the announced range covers and refuses what is beyond it. */
async function* limitBody(body: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let left = limit
  for await (const chunk of body) {
    if (chunk.length > left) throw registryError('SIZE_INVALID')
    left -= chunk.length
    yield chunk
  }
}
