import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  atomic,
  goString,
  list,
  map,
  omit,
  pointer,
  quantity,
  type Static,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn } from '../common/columns.ts'
import { immutable } from '../common/field-errors.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { statusOf } from '../common/subresources.ts'

const struct = structIn('io.k8s.api.core.v1')

export const scopedResourceSelectorRequirementSchema = struct('ScopedResourceSelectorRequirement', {
  operator: always(goString()),
  scopeName: always(goString()),
  values: omit(list(goString(), atomic)),
})

export const scopeSelectorSchema = struct(
  'ScopeSelector',
  {
    matchExpressions: omit(list(scopedResourceSelectorRequirementSchema, atomic)),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const resourceQuotaSpecSchema = struct('ResourceQuotaSpec', {
  hard: omit(map(quantity(), { description: 'The most of each resource.' })),
  scopeSelector: pointer(scopeSelectorSchema),
  scopes: omit(list(goString(), atomic)),
})
export type ResourceQuotaSpec = Static<typeof resourceQuotaSpecSchema>

export const resourceQuotaStatusSchema = struct('ResourceQuotaStatus', {
  hard: omit(map(quantity(), { description: 'The limits in force.' })),
  used: omit(map(quantity(), { description: 'What is used.' })),
})
export type ResourceQuotaStatus = Static<typeof resourceQuotaStatusSchema>

export const resourceQuotaSchema = objectSchema(
  'ResourceQuota',
  {
    spec: always(resourceQuotaSpecSchema, { mandatory: false, description: 'The limits.' }),
    status: always(resourceQuotaStatusSchema, { mandatory: false, description: 'What is used of them.' }),
  },
  { schemaName: 'io.k8s.api.core.v1.ResourceQuota', description: 'Limits for a namespace as a whole.' },
)
export type ResourceQuota = Static<typeof resourceQuotaSchema>

/** `name: used/hard, …` of the limits, or of all that are none. */
function usage(quota: ResourceQuota, limits: boolean): string {
  return Object.entries(quota.status.hard ?? {})
    .filter(([name]) => name.startsWith('limits.') === limits)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}: ${quota.status.used?.[name] ?? '0'}/${hard}`)
    .join(', ')
}

export const resourceQuotas = defineKind<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  namespaced: true,
  storageVersionHash: '8uhSgffRX6w=',
  subresources: [statusOf('ResourceQuota')],
  schema: resourceQuotaSchema,
  schemaName: 'io.k8s.api.core.v1.ResourceQuota',
  columns: [
    nameColumn,
    textColumn('Request', 'What is used of each quota.', (quota) => usage(quota, false)),
    textColumn('Limit', 'What is used of each quota of limits.', (quota) => usage(quota, true)),
    ageColumn(),
  ],
  hooks: statusHooks<ResourceQuota>({
    initialStatus: {},
    hasGeneration: false,
    validateChange: (next, old) => immutable('spec.scopes', next.spec.scopes, old.spec.scopes),
  }),
})
