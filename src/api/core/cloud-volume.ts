import { always, goBool, goString, int32, omit, orNull, pointer } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { localObjectReferenceSchema } from './object-reference.ts'

/** Disks of clouds and storage vendors. */

const struct = structIn('io.k8s.api.core.v1')

export const awsElasticBlockStoreVolumeSourceSchema = struct('AWSElasticBlockStoreVolumeSource', {
  fsType: omit(goString()),
  partition: omit(int32()),
  readOnly: omit(goBool()),
  volumeID: always(goString()),
})

export const azureDiskVolumeSourceSchema = struct('AzureDiskVolumeSource', {
  kind: pointer(goString()),
  cachingMode: pointer(goString()),
  diskName: always(goString()),
  diskURI: always(goString()),
  fsType: pointer(goString()),
  readOnly: omit(goBool()),
})

export const azureFileVolumeSourceSchema = struct('AzureFileVolumeSource', {
  readOnly: omit(goBool()),
  secretName: always(goString()),
  shareName: always(goString()),
})

export const cinderVolumeSourceSchema = struct('CinderVolumeSource', {
  fsType: omit(goString()),
  readOnly: omit(goBool()),
  secretRef: pointer(localObjectReferenceSchema),
  volumeID: always(goString()),
})

export const gcePersistentDiskVolumeSourceSchema = struct('GCEPersistentDiskVolumeSource', {
  fsType: omit(goString()),
  partition: omit(int32()),
  pdName: always(goString()),
  readOnly: omit(goBool()),
})

export const photonPersistentDiskVolumeSourceSchema = struct('PhotonPersistentDiskVolumeSource', {
  fsType: omit(goString()),
  pdID: always(goString()),
})

export const portworxVolumeSourceSchema = struct('PortworxVolumeSource', {
  fsType: omit(goString()),
  readOnly: omit(goBool()),
  volumeID: always(goString()),
})

export const scaleIOVolumeSourceSchema = struct('ScaleIOVolumeSource', {
  fsType: omit(goString()),
  gateway: always(goString()),
  protectionDomain: omit(goString()),
  readOnly: omit(goBool()),
  secretRef: orNull(localObjectReferenceSchema),
  sslEnabled: omit(goBool()),
  storageMode: omit(goString()),
  storagePool: omit(goString()),
  system: always(goString()),
  volumeName: omit(goString()),
})

export const storageOSVolumeSourceSchema = struct('StorageOSVolumeSource', {
  fsType: omit(goString()),
  readOnly: omit(goBool()),
  secretRef: pointer(localObjectReferenceSchema),
  volumeName: omit(goString()),
  volumeNamespace: omit(goString()),
})

export const vsphereVirtualDiskVolumeSourceSchema = struct('VsphereVirtualDiskVolumeSource', {
  fsType: omit(goString()),
  storagePolicyID: omit(goString()),
  storagePolicyName: omit(goString()),
  volumePath: always(goString()),
})
