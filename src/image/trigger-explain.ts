import type { BuildConfig, DeploymentConfig } from '../api/index.ts'
import type { KubeObject } from '../machinery/object.ts'
import { asksForNames } from './lookup-changes.ts'
import { type KindName, placedContainers, podSpecOf, podSpecPath } from './lookup-workload.ts'
import { planBuildTriggers } from './trigger-build-config.ts'
import { planConfigImages } from './trigger-deployment-config.ts'
import { type EntryReport, planTriggers } from './trigger-plan.ts'
import type { Resolutions } from './trigger-resolve.ts'

/** Why the images of an object are what they are, and what would change them. */
export interface Explanation {
  containers: { container: string; image: string; reasons: string[] }[]
  /** What concerns the object as a whole. */
  notes: string[]
  /** A trigger has something to write or to start. Where it stays so, the tries fail. */
  isDue: boolean
}

/** Of a workload, a DeploymentConfig or a BuildConfig; `resolve` answers for the tags that it follows. */
export function explainWorkload(kind: KindName, object: KubeObject, resolve: Resolutions): Explanation {
  const path = podSpecPath(kind)
  const spec = path === undefined ? undefined : podSpecOf(object, path)
  const notes: string[] = []
  const reasons = new Map<string, string[]>()
  const say = (container: string | undefined, text: string) => {
    if (container === undefined) notes.push(text)
    else reasons.set(container, [...(reasons.get(container) ?? []), text])
  }
  const plan = planTriggers(kind, object, resolve)
  if (plan.refused !== undefined) notes.push(`its trigger annotation counts for nothing: ${plan.refused}`)
  for (const entry of plan.entries) say(entry.container, explainEntry(entry))
  let isDue = plan.entries.some(({ state }) => state.kind === 'moves')
  if (kind.kind === 'DeploymentConfig') isDue = explainConfig(object as DeploymentConfig, resolve, say)
  if (kind.kind === 'BuildConfig') isDue = explainBuild(object as BuildConfig, resolve, notes)
  if (path !== undefined && asksForNames(object, path)) {
    notes.push('image names written to it are looked up in the image streams of its namespace')
  }
  return {
    containers: placedContainers(spec).map(({ container: { name, image = '' } }) => ({
      container: name,
      image,
      reasons: reasons.get(name) ?? ['it is as it was written: no trigger sets it'],
    })),
    notes,
    isDue,
  }
}

function explainEntry({ state, source = '', since, fieldPath }: EntryReport): string {
  const followed = since === undefined ? source : `${source} (this image since ${since})`
  switch (state.kind) {
    case 'paused':
      return `the trigger for ${source} is paused`
    case 'ignored':
    case 'invalid':
      return `the trigger for ${fieldPath} counts for nothing: ${state.why}`
    case 'waiting':
    case 'forbidden':
      return state.why
    case 'in-pods':
      return `it follows ${followed} in its pods only: new ones get ${state.image}`
    case 'overruled':
      return `${source} is overruled by a later trigger for the same container`
    case 'current':
      return `it follows ${followed}`
    case 'moves':
      return `it follows ${followed} and becomes ${state.to}`
    case 'fixed':
      return `it follows ${followed}, now ${state.to}, but stays: ${state.why}`
  }
}

/** Whether a trigger is due. */
function explainConfig(
  config: DeploymentConfig,
  resolve: Resolutions,
  say: (container: string | undefined, text: string) => void,
): boolean {
  const { triggers } = planConfigImages(config, resolve)
  for (const { containers, source, state } of triggers) {
    const text = {
      manual: () => `${source} is put in only by a rollout that is asked for`,
      waiting: () => `${source}: ${'why' in state ? state.why : ''}`,
      forbidden: () => `${source}: ${'why' in state ? state.why : ''}`,
      current: () => `it follows ${source}`,
      moves: () => `it follows ${source} and becomes ${'image' in state ? state.image : ''}`,
    }[state.kind]()
    for (const container of containers) say(container, text)
  }
  return triggers.some(({ state }) => state.kind === 'moves')
}

/** Whether a trigger is due. */
function explainBuild(config: BuildConfig, resolve: Resolutions, notes: string[]): boolean {
  const triggers = planBuildTriggers(config, resolve)
  for (const { source, state } of triggers) {
    switch (state.kind) {
      case 'paused':
        notes.push(`the trigger for ${source} is paused`)
        break
      case 'current':
        notes.push(`the latest image of ${source} has been built on`)
        break
      case 'fires':
        notes.push(`a build on ${state.image} of ${source} is due`)
        break
      default:
        notes.push(`${source}: ${state.why}`)
    }
  }
  return triggers.some(({ state }) => state.kind === 'fires')
}
