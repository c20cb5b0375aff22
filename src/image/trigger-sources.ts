import { type BuildConfig, type DeploymentConfig, inputReference } from '../api/index.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { KindName } from './lookup-workload.ts'
import {
  parseTriggers,
  sourceOf,
  type TriggerSource,
  tagSource,
  triggersAnnotation,
} from './trigger-annotation.ts'
import { buildTriggers } from './trigger-build-config.ts'

/** All tags that an object follows or might follow once unpaused, wherever its kind writes them down. */
export function allSources(kind: KindName, object: KubeObject): TriggerSource[] {
  const namespace = object.metadata.namespace ?? ''
  return references(kind, object).flatMap((from) => {
    const source = tagSource(from, namespace)
    return source === undefined ? [] : [source]
  })
}

/** Those in other namespaces: following them takes somebody's right to read there (threat row 14). */
export function foreignSources(kind: KindName, object: KubeObject): TriggerSource[] {
  const own = object.metadata.namespace ?? ''
  return allSources(kind, object).filter(({ namespace }) => namespace !== own)
}

/** The triggers as their writer wrote them, without what is filled in and kept up by others: another text, another writer. */
export function triggerText(kind: KindName, object: KubeObject): string {
  const annotation = object.metadata.annotations?.[triggersAnnotation] ?? ''
  const name = `${kind.group}/${kind.kind}`
  if (name !== deploymentConfig && name !== buildConfig) return annotation
  return JSON.stringify(allSources(kind, object))
}

const deploymentConfig = 'apps.openshift.io/DeploymentConfig'
const buildConfig = 'build.openshift.io/BuildConfig'

interface Reference {
  name?: string
  namespace?: string
}

function references(kind: KindName, object: KubeObject): Reference[] {
  switch (`${kind.group}/${kind.kind}`) {
    case deploymentConfig:
      return ((object as DeploymentConfig).spec?.triggers ?? []).flatMap(({ imageChangeParams }) =>
        imageChangeParams === undefined ? [] : [imageChangeParams.from],
      )
    case buildConfig:
      return buildReferences(object as BuildConfig)
    default: {
      const parsed = parseTriggers(object.metadata.annotations?.[triggersAnnotation])
      if (parsed.kind === 'invalid') return []
      return parsed.entries.filter((entry) => sourceOf(entry, 'any') !== undefined).map(({ from }) => from)
    }
  }
}

/** What its triggers follow, and what it builds on where no trigger does. */
function buildReferences(config: BuildConfig): Reference[] {
  const input = config.spec?.strategy === undefined ? undefined : inputReference(config.spec.strategy)
  const isTag = input !== undefined && (input.kind ?? 'ImageStreamTag') === 'ImageStreamTag'
  return [...buildTriggers(config).map(({ from }) => from), ...(isTag ? [input] : [])]
}
