import { isObject, setOwn } from './decode-schema.ts'
import { badRequest } from './errors.ts'

/** A patch that is a list or a scalar would replace the whole object: 400, as in Kubernetes. */
export function requirePatchObject(patch: unknown, prefix = ''): Record<string, unknown> {
  if (isObject(patch)) return patch
  const type = Array.isArray(patch) ? 'array' : typeof patch === 'boolean' ? 'bool' : typeof patch
  throw badRequest(`${prefix}json: cannot unmarshal ${type} into Go value of type map[string]interface {}`)
}

/** A merge patch of a Kubernetes object; BadRequest unless it is an object. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (patch === null) throw badRequest('Invalid JSON Patch')
  return mergePatch(target, requirePatchObject(patch, 'error decoding patch: '))
}

/**
 * JSON merge patch (RFC 7396). The result shares unchanged parts with the target; neither argument is changed.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const out: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const key of Object.keys(patch)) {
    const change = patch[key]
    if (change === null) delete out[key]
    else setOwn(out, key, mergePatch(Object.hasOwn(out, key) ? out[key] : undefined, change))
  }
  return out
}
