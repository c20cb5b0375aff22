import jsonPatch from 'fast-json-patch'
import type { PatchType } from '../../client/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { CliError, messageOf } from '../errors.ts'

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}

/** A patch without a server. The schemas' merge keys are the server's, so a strategic patch merges maps only. */
export function applyLocally(object: KubeObject, type: PatchType, patch: unknown): KubeObject {
  if (type !== 'json') return mergePatch(object, patch) as KubeObject
  try {
    return jsonPatch.applyPatch(structuredClone(object), patch as jsonPatch.Operation[], true).newDocument
  } catch (error) {
    throw new CliError(`unable to apply the patch: ${messageOf(error)}`)
  }
}
