import { type ApplyOptions, applyConfig } from '../machinery/apply/index.ts'
import { ApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import { formatTime, type KubeObject } from '../machinery/object.ts'
import { decodePatched, type FieldValidation } from './decode-body.ts'

export interface ApplyTransformOptions extends Omit<ApplyOptions, 'now'> {
  validation: FieldValidation
  clock(): Date
}

/**
 * The `transform` of an update (endpoint.ts) that applies a manifest on the server: the merged object with its
 * managedFields, from nothing too.
 */
export function applyTransform(
  kind: Kind,
  config: unknown,
  { validation, clock, ...options }: ApplyTransformOptions,
): (current: KubeObject | undefined) => KubeObject {
  return (current) => {
    const applied = applyConfig(kind, current, config, { ...options, now: formatTime(clock()) })
    return decodePatched(kind, applied, { type: 'merge', body: config }, { validation, duplicates: [] })
      .object
  }
}

/** Another manager owns what an apply would change: trying again finds the same. */
export function isApplyConflict(error: unknown): boolean {
  const causes = error instanceof ApiError ? (error.details?.causes ?? []) : []
  return causes.some(({ reason }) => reason === 'FieldManagerConflict')
}
