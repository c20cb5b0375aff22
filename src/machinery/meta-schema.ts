import type { TProperties } from 'typebox'
import {
  always,
  atomic,
  goBool,
  goString,
  int64,
  list,
  mergeBy,
  mergeSet,
  omit,
  orNull,
  pointer,
  raw,
  type SchemaKeywords,
  stringMap,
  struct,
  time,
} from './schema.ts'

/** Schemas of `k8s.io/apimachinery/pkg/apis/meta/v1` that kinds are built from. */

export const ownerReferenceSchema = struct(
  'OwnerReference',
  {
    apiVersion: always(goString()),
    kind: always(goString()),
    name: always(goString()),
    uid: always(goString({ goType: 'types.UID' })),
    controller: pointer(goBool()),
    blockOwnerDeletion: pointer(goBool()),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const managedFieldsEntrySchema = struct('ManagedFieldsEntry', {
  manager: omit(goString()),
  operation: omit(goString({ goType: 'v1.ManagedFieldsOperationType' })),
  apiVersion: omit(goString()),
  time: pointer(time()),
  fieldsType: omit(goString()),
  fieldsV1: pointer(raw({ type: 'object', goType: 'v1.FieldsV1' })),
  subresource: omit(goString()),
})

/** Zero times are left out, never null (image-api.md §2.5). */
export const objectMetaSchema = struct('ObjectMeta', {
  name: omit(goString()),
  generateName: omit(goString()),
  namespace: omit(goString()),
  selfLink: omit(goString()),
  uid: omit(goString({ goType: 'types.UID' })),
  resourceVersion: omit(goString()),
  generation: omit(int64()),
  creationTimestamp: pointer(time()),
  deletionTimestamp: pointer(time()),
  deletionGracePeriodSeconds: pointer(int64()),
  labels: omit(stringMap()),
  annotations: omit(stringMap()),
  ownerReferences: omit(list(ownerReferenceSchema, mergeBy('uid'))),
  finalizers: omit(list(goString(), mergeSet)),
  managedFields: omit(list(managedFieldsEntrySchema, atomic)),
})

export const listMetaSchema = struct('ListMeta', {
  selfLink: omit(goString()),
  resourceVersion: omit(goString()),
  continue: omit(goString()),
  remainingItemCount: pointer(int64()),
})

export const labelSelectorSchema = struct(
  'LabelSelector',
  {
    matchLabels: omit(stringMap()),
    matchExpressions: omit(
      list(
        struct('LabelSelectorRequirement', {
          key: always(goString()),
          operator: always(goString({ goType: 'v1.LabelSelectorOperator' })),
          values: omit(list(goString(), atomic)),
        }),
        atomic,
      ),
    ),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

/** `metav1.Condition`. */
export const conditionSchema = struct('Condition', {
  type: always(goString()),
  status: always(goString({ goType: 'v1.ConditionStatus' })),
  observedGeneration: omit(int64()),
  lastTransitionTime: orNull(time()),
  reason: always(goString()),
  message: always(goString()),
})

/** `metav1.DeleteOptions`; `kind` and `apiVersion` may be anything or nothing (image-api.md §2.3). */
export const deleteOptionsSchema = struct('DeleteOptions', {
  kind: omit(goString()),
  apiVersion: omit(goString()),
  gracePeriodSeconds: pointer(int64()),
  preconditions: pointer(
    struct('Preconditions', {
      uid: pointer(goString({ goType: 'types.UID' })),
      resourceVersion: pointer(goString()),
    }),
  ),
  orphanDependents: pointer(goBool()),
  propagationPolicy: pointer(goString({ goType: 'v1.DeletionPropagation' })),
  dryRun: omit(list(goString(), atomic)),
  ignoreStoreReadErrorWithClusterBreakingPotential: pointer(goBool()),
})

/** The schema of a kind: `kind` and `apiVersion`, `metadata`, then the rest in the order that it prints. */
export function objectSchema<P extends TProperties>(
  goStruct: string,
  properties: P,
  keywords: SchemaKeywords = {},
) {
  return struct(
    goStruct,
    {
      kind: omit(goString()),
      apiVersion: omit(goString()),
      metadata: always(objectMetaSchema),
      ...properties,
    },
    keywords,
  )
}
