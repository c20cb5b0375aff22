import type { KubeObject } from '../object.ts'
import { compareValues } from './compare-values.ts'
import type { Conflict } from './conflicts.ts'
import { type FieldSet, isEmptySet, subtractSet } from './field-set.ts'
import type { MergeType } from './merge-type.ts'
import { isMapValue, type Value } from './typed-value.ts'
import { fieldSetOf } from './value-field-set.ts'

/** What kubectl's client-side apply remembers of the manifest that it applied last. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** The manager for which the annotation is read and kept up to date; other appliers leave it alone. */
export const kubectlManager = 'kubectl'

/** All annotations of an object, keys included, may have so many bytes. */
const maxAnnotationBytes = 256 * 1024

export function lastAppliedText({ metadata }: KubeObject): string {
  return metadata.annotations?.[lastAppliedAnnotation] ?? ''
}

/**
 * Fields that client-side apply set and nobody changed since: kubectl may take them over without a conflict. undefined
 * without such a manifest, or with one of another version.
 */
export function fieldsOfLastApplied(
  type: MergeType,
  live: KubeObject,
  apiVersion: string,
): FieldSet | undefined {
  try {
    const last: Value = JSON.parse(lastAppliedText(live))
    if (!isMapValue(last) || last.apiVersion !== apiVersion) return undefined
    const { removed, modified, added } = compareValues(type, last, live)
    return [modified, added, removed].reduce(subtractSet, fieldSetOf(type, last))
  } catch {
    return undefined
  }
}

/** The conflicts that are left when the fields are no matter of dispute. */
export function withoutFields(conflicts: readonly Conflict[], allowed: FieldSet): Conflict[] {
  return conflicts.flatMap(({ owner, fields }) => {
    const left = subtractSet(fields, allowed)
    return isEmptySet(left) ? [] : [{ owner, fields: left }]
  })
}

/** The object with the annotation brought up to the manifest; without it when it would be too large. */
export function withLastApplied(object: KubeObject, config: Readonly<Record<string, Value>>): KubeObject {
  const metadata = isMapValue(config.metadata) ? config.metadata : {}
  const { [lastAppliedAnnotation]: _own, ...rest } = isMapValue(metadata.annotations)
    ? metadata.annotations
    : {}
  const annotations = Object.keys(rest).length === 0 ? {} : { annotations: rest }
  const { annotations: _before, ...bare } = metadata
  const text = `${JSON.stringify(sorted({ ...config, metadata: { ...bare, ...annotations } }))}\n`
  const next: Record<string, string> = { ...object.metadata.annotations, [lastAppliedAnnotation]: text }
  if (bytesOf(next) > maxAnnotationBytes) delete next[lastAppliedAnnotation]
  return { ...object, metadata: { ...object.metadata, annotations: next } }
}

/** Keys in order, as Go prints maps. */
function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMapValue(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}

const encoder = new TextEncoder()

function bytesOf(annotations: Readonly<Record<string, string>>): number {
  return Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + encoder.encode(key).length + encoder.encode(value).length,
    0,
  )
}
