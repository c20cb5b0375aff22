import type { KubeObject } from '../../machinery/object.ts'
import { CliError } from '../errors.ts'
import { findPath, parseRelaxedPath } from '../print/json-path.ts'

/** What `wait --for` asks of an object; undefined stands for one that is not there. */
export type WaitCondition = (object: KubeObject | undefined) => boolean

interface Condition {
  type?: string
  status?: string
  observedGeneration?: number
}

/** `delete`, `create`, `condition=NAME[=STATUS]`, `jsonpath={.path}[=VALUE]`. Throws CliError for anything else. */
export function parseWaitFor(text: string): WaitCondition {
  const lower = text.toLowerCase()
  if (lower === 'delete') return (object) => object === undefined
  if (lower === 'create') return (object) => object !== undefined
  if (lower.startsWith('condition=')) {
    const [, name = '', status = 'True'] = text.split('=')
    return (object) => object !== undefined && conditionIs(object, name, status)
  }
  if (lower.startsWith('jsonpath=')) return jsonPathIs(text.slice('jsonpath='.length))
  throw new CliError(`unrecognized condition: ${JSON.stringify(text)}`)
}

/** A condition that was observed of an older generation says nothing about this one. */
function conditionIs(
  { metadata, status }: KubeObject & { status?: unknown },
  name: string,
  wanted: string,
): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: Condition[] }
  const found = conditions.find(({ type }) => type?.toLowerCase() === name.toLowerCase())
  if (found === undefined) return false
  if (found.observedGeneration !== undefined && found.observedGeneration < (metadata.generation ?? 0))
    return false
  return found.status?.toLowerCase() === wanted.toLowerCase()
}

function jsonPathIs(text: string): WaitCondition {
  const [, path = text, value] = /^('?\{.*\}'?|[^=]*)(?:=(.*))?$/s.exec(text) ?? []
  const bare = path.replace(/^'|'$/g, '')
  if (bare === '') throw new CliError('jsonpath wait needs a path: --for=jsonpath={.status.phase}=Running')
  const steps = parseRelaxedPath(bare)
  const wanted = value?.replace(/^(['"])(.*)\1$/s, '$2')
  return (object) => {
    if (object === undefined) return false
    const found = findPath(object, steps)
    if (wanted === undefined) return found.length > 0
    return found.length === 1 && String(found[0]) === wanted
  }
}
