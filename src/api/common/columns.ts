import { formatAgeSince } from '../../machinery/age.ts'
import type { Column } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'

/** Columns of server-side tables (`meta.k8s.io/v1 Table`), named and formed as the real server prints them. */

export function ageColumn<T extends KubeObject>(): Column<T> {
  return {
    name: 'Age',
    type: 'string',
    description: 'Time since the object was made.',
    value: (object, now) => formatAgeSince(object.metadata.creationTimestamp, now),
  }
}

/** The creation time as it stands in the object. */
export function createdAtColumn<T extends KubeObject>(): Column<T> {
  return {
    name: 'Created At',
    type: 'date',
    description: 'When the object was made.',
    value: (object) => object.metadata.creationTimestamp ?? '<unknown>',
  }
}

type Value<T> = (object: T, now: Date) => unknown

export function textColumn<T>(name: string, description: string, value: Value<T>): Column<T> {
  return { name, type: 'string', description, value }
}

export function numberColumn<T>(name: string, description: string, value: Value<T>): Column<T> {
  return { name, type: 'integer', description, value }
}

/** A column that only `-o wide` shows. */
export function wideColumn<T>(name: string, description: string, value: Value<T>): Column<T> {
  return { name, type: 'string', description, priority: 1, value }
}
