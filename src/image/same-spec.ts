import type { ImageStream } from '../api/image/index.ts'

/** Deep equality in which null, absent and empty are one, as Kubernetes' semantic equality has it. */
export function isSemanticallyEqual(a: unknown, b: unknown): boolean {
  if (a === b || (isEmpty(a) && isEmpty(b))) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return (
    Object.keys(left).every((key) => isSemanticallyEqual(left[key], right[key])) &&
    Object.keys(right).every((key) => Object.hasOwn(left, key) || isEmpty(right[key]))
  )
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true
  return typeof value === 'object' && Object.values(value).every(isEmpty)
}

/** Whether nothing but metadata and status differ. Both streams in canonical form. */
export function hasSameSpec(a: ImageStream, b: ImageStream): boolean {
  return isSemanticallyEqual(a.spec, b.spec)
}
