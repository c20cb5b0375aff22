import type { Patch } from '../client/client.ts'
import type { GroupResource } from '../machinery/errors.ts'
import { applyTransform } from './apply-object.ts'
import type { FieldValidation } from './decode-body.ts'
import type { Endpoint, UpdateRequest } from './endpoint.ts'
import { patchTransform } from './patch-object.ts'

export interface PatchOptions {
  name: string
  namespace: string
  resource: GroupResource
  /** Of the parameter, else told from the client; undefined: nobody keeps account. */
  manager: string | undefined
  /** Of an apply. */
  force: boolean
  validation: FieldValidation
  /** Fields that stand twice in the patch. */
  duplicates?: readonly string[]
  clock(): Date
  onWarnings(warnings: string[]): void
  /** Rejects when the caller may not create what an apply finds missing. */
  beforeCreate(): Promise<void>
}

type PatchPart = Pick<UpdateRequest, 'transform' | 'retryConflicts' | 'manager' | 'apply'>

/** The parts of an update that come from its patch. */
export function patchRequest(endpoint: Endpoint, patch: Patch, options: PatchOptions): PatchPart {
  const { name, namespace, resource, manager, force, validation, clock } = options
  const kind = endpoint.bodyKind ?? endpoint.kind
  const tracked = manager === undefined ? {} : { manager }
  if (patch.type === 'apply') {
    const subresource = endpoint.subresource ?? ''
    const wish = { name, namespace, manager: manager ?? '', force, subresource, validation, clock }
    return {
      transform: applyTransform(kind, patch.body, wish),
      retryConflicts: true,
      ...tracked,
      apply: { beforeCreate: options.beforeCreate },
    }
  }
  const { type, body } = patch
  const checks = { validation, duplicates: options.duplicates ?? [] }
  const transform = patchTransform(kind, { type, body }, name, resource, checks, options.onWarnings)
  return { transform, retryConflicts: true, ...tracked }
}
