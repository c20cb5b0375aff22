import { type ApiError, badRequest } from '../machinery/errors.ts'
import {
  decodeProtobuf,
  JsonSyntaxError,
  parseBodyFormat,
  parseJsonText,
  parseYaml,
  YamlSyntaxError,
} from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { ApiRequest } from './api-server.ts'

export interface ReadBody {
  value: unknown
  /** Fields that stood twice: a warning each, or an error under strict validation. */
  duplicates: string[]
}

/** The body by its Content-Type; 400 in the words of image-api.md §2.3 for what can't be parsed. */
export function readBody({ raw, body }: ApiRequest, kind: Pick<Kind, 'kind'>): ReadBody {
  const format = parseBodyFormat(raw.headers['content-type'])
  if (format === 'protobuf') return { value: decodeProtobuf(body), duplicates: [] }
  const text = body.toString('utf8')
  try {
    if (format === 'yaml') return { value: parseYaml(text), duplicates: [] }
    return parseJsonText(text)
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw unrecognized(kind, error.detail, body)
    if (error instanceof JsonSyntaxError) throw unrecognized(kind, `${noType}${error.message}`, body)
    throw error
  }
}

const noType = "couldn't get version/kind; json parse error: "

/** A body that does not even say what it is, with its start. */
function unrecognized(kind: Pick<Kind, 'kind'>, why: string, body: Buffer): ApiError {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind.kind}): ${why} (${startOf(body)})`,
  )
}

/** How many bytes of a body its error message repeats. */
const shown = 30

/** Of what looks like JSON the text, of anything else the bytes. */
function startOf(body: Buffer): string {
  if (body.length === 0) return '<empty>'
  const start = body.subarray(0, shown)
  return `${start.toString(start[0] === 0x7b ? 'utf8' : 'hex')}${body.length > shown ? ' ...' : ''}`
}

/** A parsed body as fields; 400 for what is no object and for a kind or version that can't be read. */
export function requireFields(
  value: unknown,
  body: Buffer,
  kind: Pick<Kind, 'kind'>,
): Record<string, unknown> {
  // Decoding null leaves everything as it is.
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) {
    const type =
      'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
    const why = `${noType}json: cannot unmarshal ${goName(value)} into Go value of type ${type}`
    throw unrecognized(kind, why, body)
  }
  const fields = value as Record<string, unknown>
  for (const field of ['apiVersion', 'kind']) {
    const sent = fields[field] ?? ''
    if (typeof sent === 'string') continue
    const why = `${noType}json: cannot unmarshal ${goName(sent)} into Go struct field .${field} of type string`
    throw unrecognized(kind, why, body)
  }
  const version = String(fields.apiVersion ?? '')
  if (version.split('/').length > 2) {
    throw unrecognized(kind, `unexpected GroupVersion string: ${version}`, body)
  }
  return fields
}

function goName(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
