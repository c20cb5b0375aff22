import { labelSelectorSchema, objectMetaSchema, objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  atomic,
  goString,
  list,
  map,
  mergeBy,
  omit,
  orNull,
  pointer,
  quantity,
  type Static,
  stringMap,
  time,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { typedLocalObjectReferenceSchema, typedObjectReferenceSchema } from './object-reference.ts'

/** Claims of storage, as StatefulSets and ephemeral volumes embed them. They are no kind of their own here. */

const struct = structIn('io.k8s.api.core.v1')

export const volumeResourceRequirementsSchema = struct('VolumeResourceRequirements', {
  limits: omit(map(quantity())),
  requests: omit(map(quantity())),
})

export const persistentVolumeClaimSpecSchema = struct('PersistentVolumeClaimSpec', {
  accessModes: omit(list(goString(), atomic)),
  dataSource: pointer(typedLocalObjectReferenceSchema),
  dataSourceRef: pointer(typedObjectReferenceSchema),
  resources: always(volumeResourceRequirementsSchema, { mandatory: false }),
  selector: pointer(labelSelectorSchema),
  storageClassName: pointer(goString()),
  volumeAttributesClassName: pointer(goString()),
  volumeMode: pointer(goString()),
  volumeName: omit(goString()),
})
export type PersistentVolumeClaimSpec = Static<typeof persistentVolumeClaimSpecSchema>

export const persistentVolumeClaimTemplateSchema = struct('PersistentVolumeClaimTemplate', {
  metadata: always(objectMetaSchema),
  spec: always(persistentVolumeClaimSpecSchema),
})

export const modifyVolumeStatusSchema = struct('ModifyVolumeStatus', {
  targetVolumeAttributesClassName: omit(goString()),
  status: always(goString()),
})
export type ModifyVolumeStatus = Static<typeof modifyVolumeStatusSchema>

export const persistentVolumeClaimConditionSchema = struct('PersistentVolumeClaimCondition', {
  type: always(goString()),
  lastProbeTime: orNull(time({ mandatory: false })),
  lastTransitionTime: orNull(time({ mandatory: false })),
  message: omit(goString()),
  reason: omit(goString()),
  status: always(goString()),
})
export type PersistentVolumeClaimCondition = Static<typeof persistentVolumeClaimConditionSchema>

export const persistentVolumeClaimStatusSchema = struct('PersistentVolumeClaimStatus', {
  accessModes: omit(list(goString(), atomic)),
  allocatedResourceStatuses: omit(stringMap()),
  allocatedResources: omit(map(quantity())),
  capacity: omit(map(quantity())),
  conditions: omit(list(persistentVolumeClaimConditionSchema, mergeBy('type'))),
  currentVolumeAttributesClassName: pointer(goString()),
  modifyVolumeStatus: pointer(modifyVolumeStatusSchema),
  phase: omit(goString()),
})
export type PersistentVolumeClaimStatus = Static<typeof persistentVolumeClaimStatusSchema>

export const persistentVolumeClaimSchema = objectSchema(
  'PersistentVolumeClaim',
  {
    spec: always(persistentVolumeClaimSpecSchema, { mandatory: false }),
    status: always(persistentVolumeClaimStatusSchema, { mandatory: false }),
  },
  { schemaName: 'io.k8s.api.core.v1.PersistentVolumeClaim' },
)
export type PersistentVolumeClaim = Static<typeof persistentVolumeClaimSchema>
