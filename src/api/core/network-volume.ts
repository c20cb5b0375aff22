import {
  always,
  atomic,
  goBool,
  goString,
  int32,
  list,
  omit,
  pointer,
  stringMap,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { localObjectReferenceSchema } from './object-reference.ts'

/** Volumes reached over a network or through a driver. */

const struct = structIn('io.k8s.api.core.v1')

export const cephFSVolumeSourceSchema = struct('CephFSVolumeSource', {
  monitors: always(list(goString(), atomic)),
  path: omit(goString()),
  readOnly: omit(goBool()),
  secretFile: omit(goString()),
  secretRef: pointer(localObjectReferenceSchema),
  user: omit(goString()),
})

export const fcVolumeSourceSchema = struct('FCVolumeSource', {
  fsType: omit(goString()),
  lun: pointer(int32()),
  readOnly: omit(goBool()),
  targetWWNs: omit(list(goString(), atomic)),
  wwids: omit(list(goString(), atomic)),
})

export const flexVolumeSourceSchema = struct('FlexVolumeSource', {
  driver: always(goString()),
  fsType: omit(goString()),
  options: omit(stringMap()),
  readOnly: omit(goBool()),
  secretRef: pointer(localObjectReferenceSchema),
})

export const flockerVolumeSourceSchema = struct('FlockerVolumeSource', {
  datasetName: omit(goString()),
  datasetUUID: omit(goString()),
})

export const glusterfsVolumeSourceSchema = struct('GlusterfsVolumeSource', {
  endpoints: always(goString()),
  path: always(goString()),
  readOnly: omit(goBool()),
})

export const iscsiVolumeSourceSchema = struct('ISCSIVolumeSource', {
  chapAuthDiscovery: omit(goBool()),
  chapAuthSession: omit(goBool()),
  fsType: omit(goString()),
  initiatorName: pointer(goString()),
  iqn: always(goString()),
  iscsiInterface: omit(goString()),
  lun: always(int32()),
  portals: omit(list(goString(), atomic)),
  readOnly: omit(goBool()),
  secretRef: pointer(localObjectReferenceSchema),
  targetPortal: always(goString()),
})

export const nfsVolumeSourceSchema = struct('NFSVolumeSource', {
  path: always(goString()),
  readOnly: omit(goBool()),
  server: always(goString()),
})

export const quobyteVolumeSourceSchema = struct('QuobyteVolumeSource', {
  group: omit(goString()),
  readOnly: omit(goBool()),
  registry: always(goString()),
  tenant: omit(goString()),
  user: omit(goString()),
  volume: always(goString()),
})

export const rbdVolumeSourceSchema = struct('RBDVolumeSource', {
  fsType: omit(goString()),
  image: always(goString()),
  keyring: omit(goString()),
  monitors: always(list(goString(), atomic)),
  pool: omit(goString()),
  readOnly: omit(goBool()),
  secretRef: pointer(localObjectReferenceSchema),
  user: omit(goString()),
})

export const csiVolumeSourceSchema = struct('CSIVolumeSource', {
  driver: always(goString()),
  fsType: pointer(goString()),
  nodePublishSecretRef: pointer(localObjectReferenceSchema),
  readOnly: omit(goBool()),
  volumeAttributes: omit(stringMap()),
})
