import type { DeploymentConfig, ReplicationController } from '../api/index.ts'
import { placedContainers } from './lookup-workload.ts'
import { imageTriggers } from './trigger-deployment-config.ts'
import { sameJson } from './trigger-same.ts'

/** When a DeploymentConfig is rolled out anew, and the ReplicationController that does it (triggers.md §5.3, §5.4). */

export type RolloutDetails = NonNullable<DeploymentConfig['status']['details']>
type Cause = NonNullable<RolloutDetails['causes']>[number]

export type RolloutDecision = { kind: 'hold'; why: string } | { kind: 'start'; details: RolloutDetails }

const annotationPrefix = 'openshift.io/deployment'
export const configNameAnnotation = `${annotationPrefix}-config.name`
export const configVersionAnnotation = `${annotationPrefix}-config.latest-version`
export const rolloutPhaseAnnotation = `${annotationPrefix}.phase`
export const rolloutReasonAnnotation = `${annotationPrefix}.status-reason`
export const encodedConfigAnnotation = 'openshift.io/encoded-deployment-config'

export function rolloutName(config: DeploymentConfig, version = config.status.latestVersion): string {
  return `${config.metadata.name}-${version}`
}

const configChange: RolloutDetails = { message: 'config change', causes: [{ type: 'ConfigChange' }] }

function hasConfigTrigger(config: DeploymentConfig): boolean {
  return (config.spec.triggers ?? []).some(({ type }) => type === 'ConfigChange')
}

/** `latest` is the ReplicationController of `status.latestVersion`; undefined where there is none (yet). */
export function planRollout(
  config: DeploymentConfig,
  latest: ReplicationController | undefined,
): RolloutDecision {
  if (config.spec.paused === true) return { kind: 'hold', why: 'it is paused' }
  const containers = placedContainers(config.spec.template?.spec)
  const blank = containers.find(({ container }) => (container.image ?? '').trim() === '')
  if (blank !== undefined) return { kind: 'hold', why: `container ${blank.container.name} has no image yet` }
  return config.status.latestVersion === 0 ? planFirst(config) : planNext(config, latest)
}

function planFirst(config: DeploymentConfig): RolloutDecision {
  const triggers = imageTriggers(config)
  const waiting = triggers.find(({ params }) => !params.lastTriggeredImage)
  if (waiting !== undefined) {
    return { kind: 'hold', why: `${waiting.params.from.name ?? ''} has not been looked up` }
  }
  return triggers.length > 0 || hasConfigTrigger(config)
    ? { kind: 'start', details: configChange }
    : { kind: 'hold', why: 'nothing triggers it' }
}

function planNext(config: DeploymentConfig, latest: ReplicationController | undefined): RolloutDecision {
  if (latest === undefined) return { kind: 'hold', why: `${rolloutName(config)} is not there yet` }
  if (imageTriggers(config).length > 0) {
    const running = new Set(
      placedContainers(latest.spec.template?.spec).map(({ container }) => container.image),
    )
    const images = placedContainers(config.spec.template?.spec).map(({ container }) => container.image ?? '')
    const fresh = [...new Set(images)].filter((image) => !running.has(image))
    if (fresh.length > 0) {
      const causes = fresh.map((name): Cause => {
        return { type: 'ImageChange', imageTrigger: { from: { kind: 'DockerImage', name } } }
      })
      return { kind: 'start', details: { message: 'image change', causes } }
    }
  }
  if (hasConfigTrigger(config) && !sameJson(recordedTemplate(latest), config.spec.template)) {
    return { kind: 'start', details: configChange }
  }
  return { kind: 'hold', why: 'the latest rollout is as it should be' }
}

/** The DeploymentConfig that a rollout was made from; undefined where its record can't be read. */
export function recordedConfig(rollout: ReplicationController): DeploymentConfig | undefined {
  try {
    return JSON.parse(rollout.metadata.annotations?.[encodedConfigAnnotation] ?? '') as DeploymentConfig
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function recordedTemplate(rollout: ReplicationController): unknown {
  return recordedConfig(rollout)?.spec?.template
}

/** Causes of a rollout by request: by force, by images, by the template; undefined where nothing changed (triggers.md §5.4). */
export function requestedDetails(
  config: DeploymentConfig,
  latest: ReplicationController | undefined,
  force: boolean,
): RolloutDetails | undefined {
  if (force) return { message: 'manual change', causes: [{ type: 'Manual' }] }
  const before = latest === undefined ? undefined : recordedConfig(latest)
  const seen = new Map(
    (before === undefined ? [] : imageTriggers(before)).map(({ params }) => [
      `${params.from.namespace}/${params.from.name}`,
      params.lastTriggeredImage,
    ]),
  )
  const causes = imageTriggers(config).flatMap(
    ({ params: { automatic, from, lastTriggeredImage } }): Cause[] => {
      const isSeen = seen.get(`${from.namespace}/${from.name}`) === lastTriggeredImage
      if (automatic !== true || isSeen) return []
      const { name, namespace } = from
      return [{ type: 'ImageChange', imageTrigger: { from: { kind: 'ImageStreamTag', name, namespace } } }]
    },
  )
  if (causes.length > 0) return { message: 'image change', causes }
  const isChanged = before === undefined || !sameJson(before.spec.template, config.spec.template)
  return hasConfigTrigger(config) && isChanged ? configChange : undefined
}

/** The ReplicationController of the latest version, before anything runs of it. */
export function toRollout(config: DeploymentConfig): ReplicationController {
  const { name = '', namespace, uid = '', labels } = config.metadata
  const version = String(config.status.latestVersion)
  const rollout = rolloutName(config)
  const { template, selector, minReadySeconds } = config.spec
  const own = { deployment: rollout, deploymentconfig: name }
  const { resourceVersion: _revision, managedFields: _managed, ...metadata } = config.metadata
  return {
    metadata: {
      name: rollout,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, [configNameAnnotation]: name },
      annotations: {
        [configNameAnnotation]: name,
        [configVersionAnnotation]: version,
        [rolloutPhaseAnnotation]: 'New',
        [rolloutReasonAnnotation]: config.status.details?.message ?? '',
        [`${annotationPrefix}.replicas`]: '',
        'kubectl.kubernetes.io/desired-replicas': String(config.spec.replicas),
        [encodedConfigAnnotation]: JSON.stringify({ ...config, metadata }),
      },
      ownerReferences: [
        {
          apiVersion: 'apps.openshift.io/v1',
          kind: 'DeploymentConfig',
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      replicas: 0,
      selector: { ...selector, ...own },
      ...(template === undefined
        ? {}
        : {
            template: {
              ...template,
              metadata: {
                ...template.metadata,
                labels: { ...template.metadata.labels, ...own },
                annotations: {
                  ...template.metadata.annotations,
                  [configNameAnnotation]: name,
                  [configVersionAnnotation]: version,
                  [`${annotationPrefix}.name`]: rollout,
                },
              },
            },
          }),
    },
    status: { replicas: 0 },
  }
}
