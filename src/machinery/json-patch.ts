import jsonPatch, { type Operation } from 'fast-json-patch'
import { isObject } from './decode-schema.ts'
import { ApiError, badRequest, unprocessable } from './errors.ts'

/** As many as Kubernetes takes in one request. */
const maxOperations = 10_000
const needsValue = new Set(['add', 'replace', 'test'])
const needsFrom = new Set(['move', 'copy'])
const known = new Set([...needsValue, ...needsFrom, 'remove'])

/**
 * JSON patch (RFC 6902). BadRequest for what is no patch; 422 `unprocessable()` for one whose `test` fails or whose
 * paths aren't there (image-api.md §2.1). The target is not changed.
 */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  const operations = parseOperations(patch)
  try {
    return jsonPatch.applyPatch(structuredClone(target), operations, true, true, true).newDocument
  } catch (error) {
    if (error instanceof jsonPatch.JsonPatchError || error instanceof TypeError) throw unprocessable()
    throw error
  }
}

function parseOperations(patch: unknown): Operation[] {
  if (patch === null) return []
  if (!Array.isArray(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${goName(patch)} into Go value of type []interface {}`,
    )
  }
  if (patch.length > maxOperations) {
    const limits = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`
    throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: ${limits}`)
  }
  return patch.map(parseOperation)
}

function parseOperation(operation: unknown): Operation {
  if (!isObject(operation)) {
    throw badRequest(`json: cannot unmarshal ${goName(operation)} into Go value of type jsonpatch.Operation`)
  }
  const { op, path, from, value } = operation
  if (typeof op !== 'string' || !known.has(op) || !isPointer(path)) throw unprocessable()
  if (needsFrom.has(op) && !isPointer(from)) throw unprocessable()
  if (op === 'remove') return { op, path }
  if (op === 'move' || op === 'copy') return { op, path, from: from as string }
  return { op: op as 'add' | 'replace' | 'test', path, value: value ?? null }
}

function goName(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** No way may lead through what objects inherit: `/constructor/assign` would reach the function of all objects. */
function isPointer(path: unknown): path is string {
  return (
    typeof path === 'string' &&
    (path === '' || path.startsWith('/')) &&
    !path.split('/').some((part) => part in Object.prototype)
  )
}
