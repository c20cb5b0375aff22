import type { FieldError } from '../../machinery/errors.ts'
import type { KindHooks, WriteContext } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'

export interface PlainOptions<T extends KubeObject> {
  /** Fills in what the caller left out, at create and at update. */
  defaults?(next: T, context: WriteContext): T
  validate?(next: T): FieldError[]
  /** Beyond `validate`: what may not change. */
  validateChange?(next: T, old: T): FieldError[]
  validateName?(name: string, isPrefix: boolean): string[]
}

/** Hooks of a kind without status. */
export function plainHooks<T extends KubeObject>(options: PlainOptions<T>): KindHooks<T> {
  const { defaults, validate, validateChange, validateName } = options
  return {
    ...(defaults === undefined
      ? {}
      : {
          defaults,
          prepareCreate: (next: T, context: WriteContext) => defaults(next, context),
          prepareUpdate: (next: T, _old: T, context: WriteContext) => defaults(next, context),
        }),
    validateCreate: (next) => validate?.(next) ?? [],
    validateUpdate: (next, old) => [...(validate?.(next) ?? []), ...(validateChange?.(next, old) ?? [])],
    ...(validateName === undefined ? {} : { validateName }),
  }
}
