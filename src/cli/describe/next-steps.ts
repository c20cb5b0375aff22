import { formatSource, type KindName, type TriggerSource } from '../../image/index.ts'
import type { KubeObject } from '../../machinery/object.ts'

/** What a new image in a followed tag does to an object: sentences, beginning with `next:`. Pure. */
export function nextSteps(
  { kind }: KindName,
  object: KubeObject,
  sources: readonly TriggerSource[],
  hasTemplate: boolean,
): string[] {
  const own = object.metadata.namespace ?? ''
  const names = [...new Set(sources.map(formatSource))]
  if (names.length === 0) return ['next: no trigger follows a tag, so only a write to it changes its images']
  const foreign = [...new Set(sources.filter(({ namespace }) => namespace !== own).map(formatSource))]
  const rights = foreign.map(
    (name) => `${name} is followed only while whoever wrote the trigger may pull there`,
  )
  return [...rights, `next: ${outcome(kind, object, names.join(' or '), hasTemplate)}`]
}

function outcome(kind: string, object: KubeObject, names: string, hasTemplate: boolean): string {
  const paused = (object as { spec?: { paused?: boolean } }).spec?.paused === true
  if (kind === 'BuildConfig') return `a new image in ${names} starts a build, unless the trigger is paused`
  if (kind === 'CronJob') return `a new image in ${names} is written to it, and its next job uses it`
  if (kind === 'Job' || (!hasTemplate && kind === 'Pod')) return 'it stays as it was made'
  if (paused) return `it is paused: a new image in ${names} is rolled out only after rollout resume`
  if (kind === 'Pod' || kind === 'ReplicaSet' || kind === 'ReplicationController')
    return `a new image in ${names} is written to it`
  return `a new image in ${names} is written to it and rolled out, where the trigger is neither paused nor manual`
}
