import type { FieldError } from '../../machinery/errors.ts'
import { invalidValue } from '../common/field-errors.ts'
import type { ObjectReference } from '../core/object-reference.ts'
import type { BuildConfigSpec } from './build-config.ts'
import { inputReference } from './build-input.ts'

/** Validation of image change triggers of a BuildConfig (triggers.md §6.1). */
export function imageTriggerErrors(spec: BuildConfigSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, trigger] of (spec.triggers ?? []).entries()) {
    if (trigger.type !== 'ImageChange') continue
    const from = trigger.imageChange?.from
    if (from !== undefined && from.kind !== 'ImageStreamTag') {
      const detail = 'only an ImageStreamTag type of reference is allowed in an ImageChange trigger.'
      errors.push(invalidValue(`${field}.triggers[${index}].imageChange.from.kind`, from.kind, detail))
    }
    const key = referenceKey(from ?? inputReference(spec.strategy))
    if (seen.has(key)) {
      const detail = 'multiple ImageChange triggers refer to the same image stream tag'
      errors.push(invalidValue(`${field}.triggers`, spec.triggers, detail))
    }
    seen.add(key)
  }
  return errors
}

function referenceKey(from: ObjectReference | undefined): string {
  return `${from?.namespace ?? ''}/${from?.name ?? ''}`
}
