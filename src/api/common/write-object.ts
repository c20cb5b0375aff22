import { decode } from '../../machinery/decode.ts'
import type { FieldError } from '../../machinery/errors.ts'
import type { Kind, WriteContext } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'

/** For tests: what a write of a kind comes to, hook by hook, as the generic path calls them. */

export interface Written<T> {
  object: T
  errors: FieldError[]
}

export const testContext: WriteContext = { now: new Date('2026-01-02T03:04:05Z'), userName: 'alice' }

export function createObject<T extends KubeObject>(kind: Kind<T>, body: object): Written<T> {
  const next = decode<T>(kind.schema, body).value
  const object = kind.hooks.prepareCreate?.(next, testContext) ?? next
  return { object, errors: kind.hooks.validateCreate?.(object) ?? [] }
}

export function updateObject<T extends KubeObject>(kind: Kind<T>, old: T, body: object): Written<T> {
  const next = decode<T>(kind.schema, body).value
  const object = kind.hooks.prepareUpdate?.(next, old, testContext) ?? next
  return { object, errors: kind.hooks.validateUpdate?.(object, old) ?? [] }
}

export function updateStatus<T extends KubeObject>(kind: Kind<T>, old: T, body: object): Written<T> {
  const next = decode<T>(kind.schema, body).value
  const object = kind.hooks.prepareStatusUpdate?.(next, old, testContext) ?? next
  return { object, errors: kind.hooks.validateStatusUpdate?.(object, old) ?? [] }
}

/** `field: type`, for short assertions. */
export function errorTexts(errors: readonly FieldError[]): string[] {
  return errors.map(({ field, type }) => `${field}: ${type}`)
}

/** Cells by column name. */
export function cellsOf<T extends KubeObject>(
  kind: Kind<T>,
  object: T,
  now = testContext.now,
): Record<string, unknown> {
  return Object.fromEntries(kind.columns.map((column) => [column.name, column.value(object, now)]))
}
