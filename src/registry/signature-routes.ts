import type { Subject } from '../access/access.ts'
import { type ImageSignature, imageSignatures, imageStreamImages } from '../api/image/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import { parseDigest } from '../oci/index.ts'
import type { Answer } from './answer.ts'
import { emptyAnswer } from './answer.ts'
import { bodyOf, type Call } from './call.ts'
import { type RegistryError, registryError } from './errors.ts'

/** The signatures extension (registry.md §18). */
export interface SignatureRoutes {
  list(call: Call, digest: string): Promise<Answer>
  put(call: Call, digest: string): Promise<Answer>
}

const maxSignatureBytes = 1 << 20
const defaultType = 'AtomicImageV1'

interface WireSignature {
  schemaVersion: 2
  name: string
  type: string
  /** Base64. */
  content: string
}

function invalid(detail: string): RegistryError {
  return registryError('SIGNATURE_INVALID', { detail })
}

/** B-81. Throws SIGNATURE_INVALID with the reason as detail. */
export function parseWireSignature(text: string, digest: string): WireSignature {
  if (text.trim() === '') throw invalid('unexpected end of JSON input')
  let body: Partial<WireSignature> | null
  try {
    body = JSON.parse(text) as Partial<WireSignature> | null
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : 'not JSON')
  }
  if (body?.schemaVersion !== 2) throw invalid('only schemaVersion=2 is currently supported')
  const { name, type = '', content } = body
  if (typeof name !== 'string' || !/^[^@]+@[^@]+$/.test(name)) {
    throw invalid('the signature name must be <digest>@<name>')
  }
  if (name.slice(0, name.indexOf('@')) !== digest) throw invalid('the signature is not for this image')
  if (typeof content !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(content)) {
    throw invalid('the content is not base64')
  }
  return { schemaVersion: 2, name, type: type === '' ? defaultType : type, content }
}

async function readText(call: Call): Promise<string> {
  const type = call.request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bodyOf(call.request)) {
    size += chunk.length
    if (size > maxSignatureBytes) throw invalid('the signature is too large')
    chunks.push(chunk)
  }
  // A form has been read as a form before anyone asks for the body (r622).
  return type === 'application/x-www-form-urlencoded' ? '' : Buffer.concat(chunks).toString('utf8')
}

export function createSignatureRoutes(
  client: Client,
  clientFor: (subject: Subject) => Client,
): SignatureRoutes {
  async function putSignature(call: Call, text: string): Promise<Answer> {
    const wire = parseWireSignature(await readText(call), text)
    const signature = {
      metadata: { name: wire.name },
      type: wire.type,
      content: wire.content,
    } as ImageSignature
    try {
      await clientFor(call.subject).create(imageSignatures, '', signature)
      return emptyAnswer(201)
    } catch (error) {
      if (!isApiError(error)) throw error
      if (error.reason === 'NotFound') return emptyAnswer(404)
      if (error.reason === 'AlreadyExists') throw registryError('SIGNATURE_EXISTS', { cause: error })
      if (error.reason === 'Unauthorized') throw registryError('UNAUTHORIZED', { detail: null, cause: error })
      if (error.reason === 'BadRequest' || error.reason === 'Invalid') throw invalid(error.message)
      if (error.reason === 'Forbidden') throw registryError('DENIED', { cause: error })
      throw registryError('UNKNOWN', { cause: error })
    }
  }

  return {
    async list({ repository }, text) {
      const digest = parseDigest(text)
      if (digest === undefined) return emptyAnswer(404)
      try {
        const name = `${repository.stream}@${digest}`
        const { image } = await client.get(imageStreamImages, repository.namespace, name)
        const signatures = (image.signatures ?? []).map(toWire)
        const body = Buffer.from(JSON.stringify({ signatures }))
        const headers = {
          'Content-Type': 'application/json; charset=utf-8',
          'Content-Length': String(body.length),
        }
        return { status: 200, headers, body }
      } catch (error) {
        if (isApiError(error, 'NotFound')) return emptyAnswer(404)
        if (isApiError(error, 'Unauthorized')) throw registryError('UNAUTHORIZED', { detail: null })
        throw error
      }
    },
    put: putSignature,
  }
}

function toWire({ metadata, type, content }: ImageSignature): WireSignature {
  return { schemaVersion: 2, name: metadata.name ?? '', type, content }
}
