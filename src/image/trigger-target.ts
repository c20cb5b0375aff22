import type { KubeObject } from '../machinery/object.ts'

/** Where the image of a followed tag is put: our extension of triggers, for workloads that somebody else applies from Git. */

export const triggerTargetAnnotation = 'weir.dev/trigger-target'

export type TriggerTarget =
  /** Into the object's own template. */
  | 'field'
  /** Into its pods as they are made; the object stays as it was written. */
  | 'pods'

/** What the object's annotation says; `field` without one, undefined where it says something else. */
export function triggerTarget({ metadata }: KubeObject): TriggerTarget | undefined {
  const text = metadata.annotations?.[triggerTargetAnnotation] ?? 'field'
  return text === 'field' || text === 'pods' ? text : undefined
}
