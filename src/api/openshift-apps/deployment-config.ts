import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { extensionsScaleSchema } from '../autoscaling/extensions-scale.ts'
import { numberColumn, textColumn } from '../common/columns.ts'
import { invalidValue, nonNegative, required } from '../common/field-errors.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { scaleSubresource, statusOf } from '../common/subresources.ts'
import { validatePodSpec } from '../core/validate-pod-spec.ts'
import { withDeploymentConfigDefaults } from './deployment-config-defaults.ts'
import { deploymentConfigSpecSchema } from './deployment-config-spec.ts'
import { deploymentConfigStatusSchema } from './deployment-config-status.ts'
import {
  deploymentConfigRollbackSchema,
  deploymentLogSchema,
  deploymentRequestSchema,
} from './deployment-request.ts'
import { triggerErrors, triggeredContainers } from './validate-triggers.ts'

export const deploymentConfigSchema = objectSchema(
  'DeploymentConfig',
  {
    spec: always(deploymentConfigSpecSchema, { description: 'What should run, and what starts a rollout.' }),
    status: always(deploymentConfigStatusSchema, { mandatory: false, description: 'What runs.' }),
  },
  {
    schemaName: 'com.github.openshift.api.apps.v1.DeploymentConfig',
    description: 'Runs pods, and rolls them out anew when its template or an image changes.',
  },
)
export type DeploymentConfig = Static<typeof deploymentConfigSchema>

const strategyTypes = ['Recreate', 'Rolling', 'Custom']

function validate({ metadata, spec }: DeploymentConfig): FieldError[] {
  const errors = nonNegative('spec.replicas', spec.replicas)
  if (Object.keys(spec.selector ?? {}).length === 0) errors.push(required('spec.selector'))
  if (!strategyTypes.includes(spec.strategy.type ?? '')) errors.push(required('spec.strategy.type'))
  if (spec.strategy.type === 'Custom' && spec.strategy.customParams === undefined) {
    errors.push(required('spec.strategy.customParams'))
  }
  errors.push(...triggerErrors(spec.triggers ?? [], 'spec.triggers', metadata.namespace ?? ''))
  if (spec.template === undefined) return [...errors, required('spec.template')]
  const labels = spec.template.metadata.labels ?? {}
  if (!Object.entries(spec.selector ?? {}).every(([key, value]) => labels[key] === value)) {
    errors.push(
      invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    )
  }
  const triggered = triggeredContainers(spec.triggers ?? [])
  const rules = { restartPolicies: ['Always'], mayLackImage: (name: string) => triggered.has(name) }
  return [...errors, ...validatePodSpec(spec.template.spec, 'spec.template.spec', rules)]
}

const initialStatus: DeploymentConfig['status'] = {
  latestVersion: 0,
  observedGeneration: 0,
  replicas: 0,
  updatedReplicas: 0,
  availableReplicas: 0,
  unavailableReplicas: 0,
}

/** Images are only known once a trigger has looked: what a client says about them doesn't count (triggers.md §5.1). */
function withoutLastImages(config: DeploymentConfig): DeploymentConfig {
  if (config.spec.triggers === null) return config
  const triggers = config.spec.triggers.map((trigger) => {
    if (trigger.imageChangeParams === undefined) return trigger
    const { lastTriggeredImage: _last, ...params } = trigger.imageChangeParams
    return { ...trigger, imageChangeParams: params }
  })
  return { ...config, spec: { ...config.spec, triggers } }
}

const hooks = statusHooks<DeploymentConfig>({
  initialStatus,
  defaults: withDeploymentConfigDefaults,
  validate,
})

function triggersText({ spec }: DeploymentConfig): string {
  return (spec.triggers ?? [])
    .map(({ type, imageChangeParams: image }) => {
      if (type === 'ConfigChange') return 'config'
      return type === 'ImageChange' && image !== undefined ? `image(${image.from.name ?? ''})` : (type ?? '')
    })
    .join(',')
}

export const deploymentConfigs = defineKind<DeploymentConfig>({
  group: 'apps.openshift.io',
  version: 'v1',
  kind: 'DeploymentConfig',
  plural: 'deploymentconfigs',
  shortNames: ['dc'],
  categories: ['all'],
  namespaced: true,
  storageVersionHash: '6xyoXGsxfiA=',
  deprecation: 'apps.openshift.io/v1 DeploymentConfig is deprecated in v4.14+, unavailable in v4.10000+',
  subresources: [
    { name: 'instantiate', kind: 'DeploymentRequest', verbs: ['create'], schema: deploymentRequestSchema },
    { name: 'log', kind: 'DeploymentLog', verbs: ['get'], schema: deploymentLogSchema },
    {
      name: 'rollback',
      kind: 'DeploymentConfigRollback',
      verbs: ['create'],
      schema: deploymentConfigRollbackSchema,
    },
    { ...scaleSubresource, group: 'extensions', version: 'v1beta1', schema: extensionsScaleSchema },
    statusOf('DeploymentConfig'),
  ],
  requiresResourceVersion: true,
  schema: deploymentConfigSchema,
  schemaName: 'com.github.openshift.api.apps.v1.DeploymentConfig',
  columns: [
    nameColumn,
    numberColumn('Revision', 'Number of the latest rollout.', ({ status }) => status.latestVersion),
    numberColumn('Desired', 'Pods that there should be.', ({ spec }) => spec.replicas),
    numberColumn(
      'Current',
      'Pods of the latest rollout that there are.',
      ({ status }) => status.updatedReplicas,
    ),
    textColumn('Triggered By', 'What starts a rollout.', triggersText),
  ],
  hooks: {
    ...hooks,
    prepareCreate: (next, context) => withoutLastImages(hooks.prepareCreate?.(next, context) ?? next),
    prepareUpdate(next, old, context) {
      const prepared = hooks.prepareUpdate?.(next, old, context) ?? next
      const isNextVersion = next.status.latestVersion === old.status.latestVersion + 1
      if (!isNextVersion) return prepared
      return { ...prepared, status: { ...prepared.status, latestVersion: next.status.latestVersion } }
    },
  },
})
