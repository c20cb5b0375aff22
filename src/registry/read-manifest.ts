import {
  dockerManifest,
  dockerSchema1,
  dockerSchema1Signed,
  isImageManifestType,
  isIndexManifestType,
  type Manifest,
  parseManifest,
} from '../oci/index.ts'
import { bodyOf, type Call, contentLength } from './call.ts'
import { type RegistryError, registryError } from './errors.ts'
import { findJsonProblem } from './json-problem.ts'
import { maxManifestBytes } from './manifest-source.ts'

const tooLarge = () =>
  registryError('MANIFEST_INVALID', {
    status: 413,
    detail: `the manifest is larger than ${maxManifestBytes} bytes`,
  })

function invalid(detail: unknown): RegistryError {
  return registryError('MANIFEST_INVALID', { detail })
}

/** The request's body, as long as it is no longer than a manifest may be. */
export async function readManifestBody(call: Call): Promise<Buffer> {
  if ((contentLength(call.request) ?? 0) > maxManifestBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bodyOf(call.request)) {
    size += chunk.length
    if (size > maxManifestBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

const fields = ['schemaVersion', 'mediaType', 'config', 'layers', 'manifests', 'subject', 'artifactType']
const fieldsByLowerCase = new Map(fields.map((field) => [field.toLowerCase(), field]))

/** Many clients read keys without regard to case: a field in another spelling would be two documents in one. */
function misspelledField(text: string): string | undefined {
  const body = JSON.parse(text) as unknown
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  return Object.keys(body).find((key) => {
    const field = fieldsByLowerCase.get(key.toLowerCase())
    return field !== undefined && field !== key
  })
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalid('the manifest is not UTF-8')
  }
}

function checkDocument(bytes: Uint8Array): string {
  const problem = findJsonProblem(bytes)
  switch (problem?.kind) {
    case 'syntax':
      throw invalid({ Offset: problem.offset })
    case 'duplicate':
      throw invalid(`the key ${JSON.stringify(problem.key)} appears twice`)
    case 'depth':
      throw invalid('the manifest is nested too deeply')
    case undefined:
      return decodeText(bytes)
  }
}

/** Whether a Content-Type names a kind of manifest, supported or of the past; others get an empty detail (r364). */
function isManifestType(contentType: string): boolean {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  const isOld = type === dockerSchema1 || type === dockerSchema1Signed
  return type === '' || isOld || isImageManifestType(type) || isIndexManifestType(type)
}

/** Reads and validates what is to be put (A-50, A-51, threats.md row 6). Throws MANIFEST_INVALID. */
export function readManifest(
  bytes: Uint8Array,
  contentType: string,
  { acceptSchema2 }: { acceptSchema2: boolean },
): Manifest {
  const text = checkDocument(bytes)
  const misspelled = misspelledField(text)
  if (misspelled !== undefined)
    throw invalid(`${JSON.stringify(misspelled)} is not how that field is written`)
  const parsed = parseManifest(text, contentType)
  if (!parsed.ok) {
    const isSchema1 = (JSON.parse(text) as { schemaVersion?: unknown } | null)?.schemaVersion === 1
    throw invalid(isManifestType(contentType) || isSchema1 ? parsed.problem : {})
  }
  if (!acceptSchema2 && parsed.manifest.mediaType === dockerManifest) {
    throw invalid('manifest V2 schema 2 not allowed')
  }
  return parsed.manifest
}
