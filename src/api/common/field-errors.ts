import type { FieldError } from '../../machinery/errors.ts'
import { isSameJson } from './same-json.ts'

/** Short forms of the field errors that kinds report. `field` is the whole path, e.g. `spec.selector`. */

export function required(field: string, detail?: string): FieldError {
  return { type: 'Required value', field, ...(detail === undefined ? {} : { detail }) }
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return { type: 'Invalid value', field, value, detail }
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { type: 'Forbidden', field, detail }
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'Duplicate value', field, value }
}

/** `supported values: "A", "B"`. */
export function unsupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map((text) => JSON.stringify(text)).join(', ')}`
  return { type: 'Unsupported value', field, value, detail }
}

export function oneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || value === '' || supported.includes(value)
    ? []
    : [unsupported(field, value, supported)]
}

/** One error for each problem that a name check found. */
export function problemsAt(field: string, value: string, problems: readonly string[]): FieldError[] {
  return problems.map((problem) => invalidValue(field, value, problem))
}

/** For fields that are set once. */
export function immutable(field: string, next: unknown, old: unknown): FieldError[] {
  return isSameJson(next, old) ? [] : [invalidValue(field, next, 'field is immutable')]
}

export function nonNegative(field: string, value: number | undefined): FieldError[] {
  return value === undefined || value >= 0
    ? []
    : [invalidValue(field, value, 'must be greater than or equal to 0')]
}
