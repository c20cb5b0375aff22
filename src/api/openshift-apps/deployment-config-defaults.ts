import { withTemplateDefaults } from '../core/pod-defaults.ts'
import type { DeploymentConfig } from './deployment-config.ts'
import type { DeploymentTriggerPolicy } from './deployment-config-spec.ts'
import type { DeploymentStrategy } from './deployment-strategy.ts'

const rolloutSeconds = 600
const deadlineSeconds = 21600

function strategyWithDefaults(strategy: DeploymentStrategy): DeploymentStrategy {
  const type = strategy.type || 'Rolling'
  const { rollingParams, recreateParams } = strategy
  const rolling = {
    ...rollingParams,
    updatePeriodSeconds: rollingParams?.updatePeriodSeconds ?? 1,
    intervalSeconds: rollingParams?.intervalSeconds ?? 1,
    timeoutSeconds: rollingParams?.timeoutSeconds ?? rolloutSeconds,
    ...surgeWithDefaults(rollingParams?.maxSurge, rollingParams?.maxUnavailable),
  }
  const recreate = { ...recreateParams, timeoutSeconds: recreateParams?.timeoutSeconds ?? rolloutSeconds }
  return {
    ...strategy,
    type,
    ...(type === 'Rolling' ? { rollingParams: rolling } : {}),
    ...(type === 'Recreate' ? { recreateParams: recreate } : {}),
    resources: strategy.resources ?? {},
    activeDeadlineSeconds: strategy.activeDeadlineSeconds ?? deadlineSeconds,
  }
}

type Amount = number | string | undefined

/** Where only one of the two is zero, the other must leave room to move. */
function surgeWithDefaults(
  maxSurge: Amount,
  maxUnavailable: Amount,
): { maxUnavailable: number | string; maxSurge: number | string } {
  const isZero = (amount: Amount) => amount === 0 || amount === '0' || amount === '0%'
  if (maxUnavailable === undefined && maxSurge === undefined)
    return { maxUnavailable: '25%', maxSurge: '25%' }
  if (maxUnavailable === undefined)
    return { maxUnavailable: isZero(maxSurge) ? '25%' : 0, maxSurge: maxSurge ?? 0 }
  if (maxSurge === undefined) return { maxUnavailable, maxSurge: isZero(maxUnavailable) ? '25%' : 0 }
  return { maxUnavailable, maxSurge }
}

/** The reference always names its kind and namespace; the old kinds of streams mean their tag `latest`. */
function triggerWithDefaults(trigger: DeploymentTriggerPolicy, namespace: string): DeploymentTriggerPolicy {
  const params = trigger.imageChangeParams
  if (params === undefined) return trigger
  const { kind, name = '' } = params.from
  const isStream = kind === 'ImageStream' || kind === 'ImageRepository'
  const from = {
    ...params.from,
    kind: isStream || !kind ? 'ImageStreamTag' : kind,
    namespace: params.from.namespace || namespace,
    ...(isStream && !name.includes(':') ? { name: `${name}:latest` } : {}),
  }
  return { ...trigger, imageChangeParams: { ...params, from } }
}

/** Defaults that every write and every read of a DeploymentConfig applies (triggers.md §5.1). */
export function withDeploymentConfigDefaults(config: DeploymentConfig): DeploymentConfig {
  const { spec, metadata } = config
  const labels = spec.template?.metadata.labels
  const hasSelector = Object.keys(spec.selector ?? {}).length > 0
  const triggers = spec.triggers ?? [{ type: 'ConfigChange' }]
  return {
    ...config,
    spec: {
      ...spec,
      strategy: strategyWithDefaults(spec.strategy),
      triggers: triggers.map((trigger) => triggerWithDefaults(trigger, metadata.namespace ?? '')),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      ...(hasSelector || labels === undefined ? {} : { selector: { ...labels } }),
      ...(spec.template === undefined ? {} : { template: withTemplateDefaults(spec.template) }),
    },
  }
}
