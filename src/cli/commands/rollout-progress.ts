import type { KubeObject } from '../../machinery/object.ts'
import { CliError } from '../errors.ts'

/** How far a rollout is, in one line (cli.md §11.2). Pure; throws CliError for one that has failed. */

interface Condition {
  type: string
  status?: string
  reason?: string
  message?: string
}

interface Workload extends KubeObject {
  spec?: { replicas?: number; paused?: boolean; triggers?: { type: string }[] | null }
  status?: {
    observedGeneration?: number
    latestVersion?: number
    replicas?: number
    updatedReplicas?: number
    availableReplicas?: number
    conditions?: Condition[] | null
  }
}

export interface RolloutStatus {
  text: string
  done: boolean
}

/** The three texts that all workloads share; undefined when nothing is left to wait for. */
function replicaText({ spec, status }: Workload): string | undefined {
  const wanted = spec?.replicas ?? 1
  const { replicas = 0, updatedReplicas: updated = 0, availableReplicas: available = 0 } = status ?? {}
  if (updated < wanted) return `${updated} out of ${wanted} new replicas have been updated...`
  if (replicas > updated) return `${replicas - updated} old replicas are pending termination...`
  if (available < updated) return `${available} of ${updated} updated replicas are available...`
  return undefined
}

function observed({ metadata, status }: Workload): boolean {
  return (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0)
}

function progressing({ status }: Workload): Condition | undefined {
  return (status?.conditions ?? []).find((condition) => condition.type === 'Progressing')
}

export function rolloutStatus(object: KubeObject, revision: number): RolloutStatus {
  const workload = object as Workload
  return workload.kind === 'DeploymentConfig'
    ? configStatus(workload, revision)
    : deploymentStatus(workload, revision)
}

function configStatus(config: Workload, revision: number): RolloutStatus {
  const { name = '' } = config.metadata
  const latest = config.status?.latestVersion ?? 0
  const waiting = (text: string): RolloutStatus => ({ text, done: false })
  if (latest === 0) {
    if ((config.spec?.triggers ?? []).some((trigger) => trigger.type === 'ImageChange')) {
      return waiting(`Deployment config ${JSON.stringify(name)} waiting on image update`)
    }
    if ((config.spec?.triggers ?? []).length === 0) {
      throw new CliError(
        `Deployment config ${JSON.stringify(name)} waiting on manual update (use 'oc rollout latest ${name}')`,
      )
    }
  }
  if (revision > 0 && latest !== revision)
    throw new CliError(`desired revision (${revision}) is different from the running revision (${latest})`)
  if (!observed(config))
    return waiting('Waiting for latest deployment config spec to be observed by the controller loop...')
  const condition = progressing(config)
  if (condition?.reason === 'NewReplicationControllerAvailable')
    return { text: condition.message ?? '', done: true }
  if (condition?.reason === 'ProgressDeadlineExceeded' || condition?.reason === 'RolloutCancelled')
    throw new CliError(condition.message ?? '')
  if (condition?.reason === 'DeploymentConfigPaused') {
    throw new CliError(
      `Deployment config ${JSON.stringify(name)} is paused. Resume to continue watching the status of the rollout.`,
    )
  }
  const text = replicaText(config)
  return waiting(
    text === undefined
      ? 'Waiting for latest deployment config spec to be observed by the controller loop...'
      : `Waiting for rollout to finish: ${text}`,
  )
}

function deploymentStatus(workload: Workload, revision: number): RolloutStatus {
  const name = JSON.stringify(workload.metadata.name)
  const current = Number(workload.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)
  if (revision > 0 && current !== revision)
    throw new CliError(`desired revision (${revision}) is different from the running revision (${current})`)
  const what = (workload.kind ?? '').toLowerCase()
  if (!observed(workload)) return { text: `Waiting for ${what} spec update to be observed...`, done: false }
  if (progressing(workload)?.reason === 'ProgressDeadlineExceeded')
    throw new CliError(`${what} ${name} exceeded its progress deadline`)
  const text = replicaText(workload)
  if (text !== undefined)
    return { text: `Waiting for ${what} ${name} rollout to finish: ${text}`, done: false }
  return { text: `${what} ${name} successfully rolled out`, done: true }
}
