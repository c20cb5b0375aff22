import type { Patch, PatchType } from '../client/client.ts'
import { badRequest, type GroupResource, notFound } from '../machinery/errors.ts'
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { decodePatched, type FieldChecks } from './decode-body.ts'

/** A patch that says what to change; an apply says what shall be (apply-object.ts). */
export interface DiffPatch extends Patch {
  type: Exclude<PatchType, 'apply'>
}

/**
 * The `transform` of an update (endpoint.ts) that applies the patch. Warnings of the last run are handed to
 * `onWarnings`. Name and namespace of the object stay: a patch that changes them is refused.
 */
export function patchTransform(
  kind: Kind,
  patch: DiffPatch,
  name: string,
  resource: GroupResource,
  checks: FieldChecks,
  onWarnings: (warnings: string[]) => void,
): (current: KubeObject | undefined) => KubeObject {
  return (current) => {
    if (current === undefined) throw notFound(resource, name)
    const patched = applyPatch(kind, current, patch)
    const { object, warnings } = decodePatched(kind, patched, patch, checks, current)
    if (object.metadata.name !== current.metadata.name) {
      throw badRequest(
        `the name of the object (${object.metadata.name ?? ''}) does not match the name on the URL (${name})`,
      )
    }
    if (object.metadata.namespace !== current.metadata.namespace) {
      throw badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      )
    }
    onWarnings(warnings)
    return object
  }
}

function applyPatch(kind: Kind, current: KubeObject, patch: DiffPatch): unknown {
  switch (patch.type) {
    case 'json':
      return applyJsonPatch(current, patch.body)
    case 'merge':
      return applyMergePatch(current, patch.body)
    case 'strategic':
      return applyStrategicMergePatch(kind.schema, current, patch.body)
  }
}
