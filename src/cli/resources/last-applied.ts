import type { KubeObject } from '../../machinery/object.ts'
import { sortKeys } from '../print/format-json.ts'

export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** The object as it was given, without the annotation itself: what apply compares with the next time. */
export function lastAppliedText(object: KubeObject): string {
  const { [lastAppliedAnnotation]: _, ...annotations } = object.metadata.annotations ?? {}
  return `${JSON.stringify(sortKeys({ ...object, metadata: { ...object.metadata, annotations } }))}\n`
}

export function withLastApplied(object: KubeObject): KubeObject {
  const annotations = { ...object.metadata.annotations, [lastAppliedAnnotation]: lastAppliedText(object) }
  return { ...object, metadata: { ...object.metadata, annotations } }
}
