import { badRequest } from '../machinery/errors.ts'
import {
  JsonSyntaxError,
  type PatchFormat,
  parseJsonText,
  parseYaml,
  YamlSyntaxError,
} from '../machinery/index.ts'
import type { ApiRequest } from './api-server.ts'
import type { ReadBody } from './read-body.ts'

/** The patch as data. Server-side apply is sent as YAML (JSON is YAML too); the others are JSON. */
export function readPatch({ body }: ApiRequest, type: PatchFormat): ReadBody {
  const text = body.toString('utf8')
  try {
    return type === 'apply' ? { value: parseYaml(text), duplicates: [] } : parseJsonText(text)
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw badRequest(`error decoding YAML: ${error.message}`)
    if (!(error instanceof JsonSyntaxError)) throw error
    throw badRequest(type === 'strategic' ? error.message : `error decoding patch: ${error.message}`)
  }
}
