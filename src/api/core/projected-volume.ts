import { labelSelectorSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  atomic,
  goBool,
  goString,
  int32,
  int64,
  list,
  omit,
  pointer,
  quantity,
  stringMap,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

/** Volumes that are made of API objects. */

const struct = structIn('io.k8s.api.core.v1')

export const keyToPathSchema = struct('KeyToPath', {
  key: always(goString()),
  mode: pointer(int32()),
  path: always(goString()),
})

export const objectFieldSelectorSchema = struct(
  'ObjectFieldSelector',
  {
    apiVersion: omit(goString()),
    fieldPath: always(goString()),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const resourceFieldSelectorSchema = struct(
  'ResourceFieldSelector',
  {
    containerName: omit(goString()),
    divisor: omit(quantity()),
    resource: always(goString()),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const downwardAPIVolumeFileSchema = struct('DownwardAPIVolumeFile', {
  fieldRef: pointer(objectFieldSelectorSchema),
  mode: pointer(int32()),
  path: always(goString()),
  resourceFieldRef: pointer(resourceFieldSelectorSchema),
})

export const secretProjectionSchema = struct('SecretProjection', {
  name: omit(goString()),
  items: omit(list(keyToPathSchema, atomic)),
  optional: pointer(goBool()),
})

export const configMapProjectionSchema = struct('ConfigMapProjection', {
  name: omit(goString()),
  items: omit(list(keyToPathSchema, atomic)),
  optional: pointer(goBool()),
})

export const downwardAPIProjectionSchema = struct('DownwardAPIProjection', {
  items: omit(list(downwardAPIVolumeFileSchema, atomic)),
})

export const serviceAccountTokenProjectionSchema = struct('ServiceAccountTokenProjection', {
  audience: omit(goString()),
  expirationSeconds: pointer(int64()),
  path: always(goString()),
})

export const clusterTrustBundleProjectionSchema = struct('ClusterTrustBundleProjection', {
  name: omit(goString()),
  labelSelector: pointer(labelSelectorSchema),
  optional: pointer(goBool()),
  path: always(goString()),
  signerName: omit(goString()),
})

export const podCertificateProjectionSchema = struct('PodCertificateProjection', {
  certificateChainPath: omit(goString()),
  credentialBundlePath: omit(goString()),
  keyPath: omit(goString()),
  keyType: always(goString()),
  maxExpirationSeconds: pointer(int32()),
  signerName: always(goString()),
  userAnnotations: omit(stringMap()),
})

export const volumeProjectionSchema = struct('VolumeProjection', {
  clusterTrustBundle: pointer(clusterTrustBundleProjectionSchema),
  configMap: pointer(configMapProjectionSchema),
  downwardAPI: pointer(downwardAPIProjectionSchema),
  podCertificate: pointer(podCertificateProjectionSchema),
  secret: pointer(secretProjectionSchema),
  serviceAccountToken: pointer(serviceAccountTokenProjectionSchema),
})

export const projectedVolumeSourceSchema = struct('ProjectedVolumeSource', {
  defaultMode: pointer(int32()),
  sources: omit(list(volumeProjectionSchema, atomic)),
})

export const configMapVolumeSourceSchema = struct('ConfigMapVolumeSource', {
  name: omit(goString()),
  defaultMode: pointer(int32()),
  items: omit(list(keyToPathSchema, atomic)),
  optional: pointer(goBool()),
})

export const secretVolumeSourceSchema = struct('SecretVolumeSource', {
  defaultMode: pointer(int32()),
  items: omit(list(keyToPathSchema, atomic)),
  optional: pointer(goBool()),
  secretName: omit(goString()),
})

export const downwardAPIVolumeSourceSchema = struct('DownwardAPIVolumeSource', {
  defaultMode: pointer(int32()),
  items: omit(list(downwardAPIVolumeFileSchema, atomic)),
})
