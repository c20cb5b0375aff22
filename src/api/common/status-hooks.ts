import type { FieldError } from '../../machinery/errors.ts'
import type { KindHooks, WriteContext } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { isSameJson } from './same-json.ts'

export interface SpecAndStatus extends KubeObject {
  spec: unknown
  status: object
}

export interface StatusOptions<T extends SpecAndStatus> {
  /** The status of a new object; what the caller sent is dropped. */
  initialStatus: T['status'] | ((next: T) => T['status'])
  /** Fills in what the caller left out, at create and at update. */
  defaults?(next: T, context: WriteContext): T
  validate?(next: T): FieldError[]
  /** Beyond `validate`: what may not change. */
  validateChange?(next: T, old: T): FieldError[]
  validateName?(name: string, isPrefix: boolean): string[]
  /** Kinds without `metadata.generation` say false. */
  hasGeneration?: boolean
  /** Deployments: annotations count as part of what is wished. */
  annotationsCount?: boolean
}

function withGeneration<T extends KubeObject>(object: T, generation: number): T {
  return { ...object, metadata: { ...object.metadata, generation } }
}

/**
 * Hooks of a kind with spec and status: a write of the object keeps the old status and raises the generation when
 * the spec changes; a write of the status keeps everything but status and annotations.
 */
export function statusHooks<T extends SpecAndStatus>(options: StatusOptions<T>): KindHooks<T> {
  const { initialStatus, validate, validateChange, hasGeneration = true, annotationsCount = false } = options
  const defaults = options.defaults ?? ((next: T) => next)
  return {
    ...(options.defaults === undefined ? {} : { defaults }),
    prepareCreate(next, context) {
      const filled = defaults(next, context)
      const status = typeof initialStatus === 'function' ? initialStatus(filled) : initialStatus
      const prepared = { ...filled, status }
      return hasGeneration ? withGeneration(prepared, 1) : prepared
    },
    prepareUpdate(next, old, context) {
      const prepared = { ...defaults(next, context), status: old.status }
      if (!hasGeneration) return prepared
      const current = old.metadata.generation ?? 1
      const isSame =
        isSameJson(prepared.spec, old.spec) &&
        (!annotationsCount || isSameJson(next.metadata.annotations ?? {}, old.metadata.annotations ?? {}))
      return withGeneration(prepared, isSame ? current : current + 1)
    },
    prepareStatusUpdate: keepAllButStatus,
    validateCreate: (next) => validate?.(next) ?? [],
    validateUpdate: (next, old) => [...(validate?.(next) ?? []), ...(validateChange?.(next, old) ?? [])],
    ...(options.validateName === undefined ? {} : { validateName: options.validateName }),
  }
}

function keepAllButStatus<T extends SpecAndStatus>(next: T, old: T): T {
  const { annotations, resourceVersion, managedFields } = next.metadata
  const kept = { ...old.metadata, annotations, resourceVersion, managedFields }
  return { ...old, metadata: withoutUndefined(kept), status: next.status }
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}
