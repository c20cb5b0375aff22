import { badRequest, invalid } from '../machinery/errors.ts'
import { DecodeError, decode } from '../machinery/index.ts'
import { apiVersionOf, type Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

export interface FieldChecks {
  validation: FieldValidation
  /** Paths of fields that stand twice in what was sent. */
  duplicates: readonly string[]
}

export interface DecodedBody {
  object: KubeObject
  /** One for each unknown field, when asked to warn. */
  warnings: string[]
}

/** Does the scheme know the kind? Only the text of the error for a foreign kind depends on it. */
export type KnowsKind = (apiVersion: string, kind: string) => boolean

/**
 * A parsed body as an object of the kind, or 400 BadRequest with the words of image-api.md §2.3. A body without `kind` or
 * `apiVersion` is taken for the kind of its URL.
 */
export function decodeBody(
  kind: Kind,
  body: unknown,
  validation: FieldValidation,
  knows: KnowsKind,
  duplicates: readonly string[] = [],
): DecodedBody {
  const { kind: sentKind = '', apiVersion: sentVersion = '' } = (body ?? {}) as Record<string, unknown>
  const wanted = apiVersionOf(kind)
  const bodyKind = typeof sentKind === 'string' && sentKind !== '' ? sentKind : kind.kind
  const bodyVersion = typeof sentVersion === 'string' && sentVersion !== '' ? sentVersion : wanted
  const version = bodyVersion.slice(bodyVersion.lastIndexOf('/') + 1)
  const cannot = (why: string) =>
    badRequest(`${bodyKind} in version "${version}" cannot be handled as a ${kind.kind}: ${why}`)

  if (bodyKind !== kind.kind || bodyVersion !== wanted) {
    if (!knows(bodyVersion, bodyKind)) {
      throw cannot(`no kind "${bodyKind}" is registered for version "${bodyVersion}" in scheme "weir"`)
    }
    if (bodyKind === kind.kind) {
      throw badRequest(
        `the API version in the data (${bodyVersion}) does not match the expected API version (${wanted})`,
      )
    }
    throw cannot(
      `converting (${version}.${bodyKind}) to (${internalName(kind)}.${kind.kind}): unknown conversion`,
    )
  }
  try {
    const { value, unknown } = decode<KubeObject>(kind.schema, body)
    const problems = strictProblems(duplicates, unknown)
    if (problems.length > 0 && validation === 'Strict') {
      throw cannot(`strict decoding error: ${problems.join(', ')}`)
    }
    return { object: value, warnings: validation === 'Warn' ? problems : [] }
  } catch (error) {
    throw error instanceof DecodeError ? cannot(error.message) : error
  }
}

/** The Go package of the group's internal types: `image` of `image.openshift.io`. */
function internalName(kind: Kind): string {
  return kind.group === '' ? 'core' : (kind.group.split('.')[0] as string)
}

/**
 * The result of a patch of `current` as an object of the kind; what is wrong with it is the patch's fault: 422 on `patch`. A
 * strategic merge patch is repeated as the map that it was read into, what others made of the object as JSON.
 */
export function decodePatched(
  kind: Kind,
  patched: unknown,
  { type, body }: { type: 'json' | 'merge' | 'strategic'; body: unknown },
  { validation, duplicates }: FieldChecks,
  current?: KubeObject,
): DecodedBody {
  const isMap = type === 'strategic'
  const blame = (detail: string) =>
    invalid({ group: '', kind: '' }, '', [
      {
        type: 'Invalid value',
        field: 'patch',
        value: isMap ? formatGoMap(body) : JSON.stringify(patched),
        detail,
      },
    ])
  try {
    // What the patch left as it was has been decoded once: of a large object that is nearly all.
    const known = current === undefined ? {} : { known: { ...current } }
    const { value, unknown } = decode<KubeObject>(kind.schema, patched, known)
    const problems = strictProblems(duplicates, unknown)
    if (problems.length > 0 && validation === 'Strict') {
      throw blame(`strict decoding error: ${problems.join(', ')}`)
    }
    return { object: value, warnings: validation === 'Warn' ? problems : [] }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw blame(isMap ? error.fromMap : error.message)
  }
}

/** What strict decoding minds, and a lenient one warns of. */
function strictProblems(duplicates: readonly string[], unknown: readonly string[]): string[] {
  return [
    ...duplicates.map((path) => `duplicate field "${path}"`),
    ...unknown.map((path) => `unknown field "${path}"`),
  ]
}

/** Go's `%+v` of JSON data: `map[spec:map[tags:[a b]]]`. */
function formatGoMap(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(formatGoMap).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, field]) => `${key}:${formatGoMap(field)}`).join(' ')}]`
}
