import { badRequest } from '../machinery/errors.ts'
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

/** How much of a body its error message repeats. */
const shown = 30

/** The body by its Content-Type; 400 in the words of image-api.md §2.3 for what can't be parsed. */
export function readBody({ raw, body }: ApiRequest, kind: Pick<Kind, 'kind'>): ReadBody {
  const format = parseBodyFormat(raw.headers['content-type'])
  if (format === 'protobuf') return { value: decodeProtobuf(body), duplicates: [] }
  const text = body.toString('utf8')
  try {
    if (format === 'yaml') return { value: parseYaml(text), duplicates: [] }
    return parseJsonText(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError || error instanceof YamlSyntaxError)) throw error
    const start = text.length > shown ? `${text.slice(0, shown)} ...` : text
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): couldn't get version/kind; json parse error: ${error.message} (${start})`,
    )
  }
}
