import {
  always,
  atomic,
  goBool,
  goString,
  int32,
  int64,
  list,
  map,
  mergeBy,
  omit,
  orNull,
  pointer,
  quantity,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { resourceRequirementsSchema } from './resource-requirements.ts'

const struct = structIn('io.k8s.api.core.v1')

export const containerStateRunningSchema = struct('ContainerStateRunning', {
  startedAt: orNull(time({ mandatory: false })),
})

export const containerStateTerminatedSchema = struct('ContainerStateTerminated', {
  containerID: omit(goString()),
  exitCode: always(int32()),
  finishedAt: orNull(time({ mandatory: false })),
  message: omit(goString()),
  reason: omit(goString()),
  signal: omit(int32()),
  startedAt: orNull(time({ mandatory: false })),
})

export const containerStateWaitingSchema = struct('ContainerStateWaiting', {
  message: omit(goString()),
  reason: omit(goString()),
})

export const containerStateSchema = struct('ContainerState', {
  running: pointer(containerStateRunningSchema),
  terminated: pointer(containerStateTerminatedSchema),
  waiting: pointer(containerStateWaitingSchema),
})
export type ContainerState = Static<typeof containerStateSchema>

export const linuxContainerUserSchema = struct('LinuxContainerUser', {
  gid: always(int64()),
  supplementalGroups: omit(list(int64(), atomic)),
  uid: always(int64()),
})

export const containerUserSchema = struct('ContainerUser', {
  linux: pointer(linuxContainerUserSchema),
})

export const resourceHealthSchema = struct('ResourceHealth', {
  health: omit(goString()),
  message: omit(goString()),
  resourceID: always(goString()),
})

export const resourceStatusSchema = struct('ResourceStatus', {
  name: always(goString()),
  resources: omit(list(resourceHealthSchema, atomic)),
})
export type ResourceStatus = Static<typeof resourceStatusSchema>

export const imageVolumeStatusSchema = struct('ImageVolumeStatus', {
  imageRef: always(goString()),
})
export type ImageVolumeStatus = Static<typeof imageVolumeStatusSchema>

export const volumeStatusSchema = struct('VolumeStatus', {
  image: pointer(imageVolumeStatusSchema),
})
export type VolumeStatus = Static<typeof volumeStatusSchema>

export const volumeMountStatusSchema = struct('VolumeMountStatus', {
  name: always(goString()),
  mountPath: always(goString()),
  readOnly: omit(goBool()),
  recursiveReadOnly: pointer(goString()),
  volumeStatus: pointer(volumeStatusSchema),
})
export type VolumeMountStatus = Static<typeof volumeMountStatusSchema>

export const containerStatusSchema = struct('ContainerStatus', {
  name: always(goString()),
  allocatedResources: omit(map(quantity())),
  allocatedResourcesStatus: omit(list(resourceStatusSchema, mergeBy('name'))),
  containerID: omit(goString()),
  image: always(goString()),
  imageID: always(goString({ description: 'Digest of the image that runs.' })),
  lastState: always(containerStateSchema, { mandatory: false }),
  ready: always(goBool({ description: 'Whether it may be sent requests.' })),
  resources: pointer(resourceRequirementsSchema),
  restartCount: always(int32({ description: 'How often it was restarted.' })),
  started: pointer(goBool()),
  state: always(containerStateSchema, { mandatory: false }),
  stopSignal: pointer(goString()),
  user: pointer(containerUserSchema),
  volumeMounts: omit(list(volumeMountStatusSchema, mergeBy('mountPath'))),
})
export type ContainerStatus = Static<typeof containerStatusSchema>
