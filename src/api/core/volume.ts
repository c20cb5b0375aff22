import { always, goBool, goString, omit, pointer, quantity, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import {
  awsElasticBlockStoreVolumeSourceSchema,
  azureDiskVolumeSourceSchema,
  azureFileVolumeSourceSchema,
  cinderVolumeSourceSchema,
  gcePersistentDiskVolumeSourceSchema,
  photonPersistentDiskVolumeSourceSchema,
  portworxVolumeSourceSchema,
  scaleIOVolumeSourceSchema,
  storageOSVolumeSourceSchema,
  vsphereVirtualDiskVolumeSourceSchema,
} from './cloud-volume.ts'
import {
  cephFSVolumeSourceSchema,
  csiVolumeSourceSchema,
  fcVolumeSourceSchema,
  flexVolumeSourceSchema,
  flockerVolumeSourceSchema,
  glusterfsVolumeSourceSchema,
  iscsiVolumeSourceSchema,
  nfsVolumeSourceSchema,
  quobyteVolumeSourceSchema,
  rbdVolumeSourceSchema,
} from './network-volume.ts'
import { persistentVolumeClaimTemplateSchema } from './persistent-volume-claim.ts'
import {
  configMapVolumeSourceSchema,
  downwardAPIVolumeSourceSchema,
  projectedVolumeSourceSchema,
  secretVolumeSourceSchema,
} from './projected-volume.ts'

const struct = structIn('io.k8s.api.core.v1')

export const emptyDirVolumeSourceSchema = struct('EmptyDirVolumeSource', {
  medium: omit(goString()),
  sizeLimit: omit(quantity()),
})

export const ephemeralVolumeSourceSchema = struct('EphemeralVolumeSource', {
  volumeClaimTemplate: pointer(persistentVolumeClaimTemplateSchema),
})

export const gitRepoVolumeSourceSchema = struct('GitRepoVolumeSource', {
  directory: omit(goString()),
  repository: always(goString()),
  revision: omit(goString()),
})

export const hostPathVolumeSourceSchema = struct('HostPathVolumeSource', {
  type: pointer(goString()),
  path: always(goString()),
})

export const imageVolumeSourceSchema = struct('ImageVolumeSource', {
  pullPolicy: omit(goString()),
  reference: omit(goString()),
})

export const persistentVolumeClaimVolumeSourceSchema = struct('PersistentVolumeClaimVolumeSource', {
  claimName: always(goString()),
  readOnly: omit(goBool()),
})

export const volumeSchema = struct(
  'Volume',
  {
    name: always(goString({ description: 'Name that mounts refer to.' })),
    awsElasticBlockStore: pointer(awsElasticBlockStoreVolumeSourceSchema),
    azureDisk: pointer(azureDiskVolumeSourceSchema),
    azureFile: pointer(azureFileVolumeSourceSchema),
    cephfs: pointer(cephFSVolumeSourceSchema),
    cinder: pointer(cinderVolumeSourceSchema),
    configMap: pointer(configMapVolumeSourceSchema, { description: 'Entries of a ConfigMap as files.' }),
    csi: pointer(csiVolumeSourceSchema),
    downwardAPI: pointer(downwardAPIVolumeSourceSchema, { description: 'Fields of the pod as files.' }),
    emptyDir: pointer(emptyDirVolumeSourceSchema, {
      description: 'A folder that is empty at first and goes with the pod.',
    }),
    ephemeral: pointer(ephemeralVolumeSourceSchema),
    fc: pointer(fcVolumeSourceSchema),
    flexVolume: pointer(flexVolumeSourceSchema),
    flocker: pointer(flockerVolumeSourceSchema),
    gcePersistentDisk: pointer(gcePersistentDiskVolumeSourceSchema),
    gitRepo: pointer(gitRepoVolumeSourceSchema),
    glusterfs: pointer(glusterfsVolumeSourceSchema),
    hostPath: pointer(hostPathVolumeSourceSchema, { description: 'A folder of the node.' }),
    image: pointer(imageVolumeSourceSchema),
    iscsi: pointer(iscsiVolumeSourceSchema),
    nfs: pointer(nfsVolumeSourceSchema),
    persistentVolumeClaim: pointer(persistentVolumeClaimVolumeSourceSchema, {
      description: 'Storage that a claim holds.',
    }),
    photonPersistentDisk: pointer(photonPersistentDiskVolumeSourceSchema),
    portworxVolume: pointer(portworxVolumeSourceSchema),
    projected: pointer(projectedVolumeSourceSchema, { description: 'Several of these in one folder.' }),
    quobyte: pointer(quobyteVolumeSourceSchema),
    rbd: pointer(rbdVolumeSourceSchema),
    scaleIO: pointer(scaleIOVolumeSourceSchema),
    secret: pointer(secretVolumeSourceSchema, { description: 'Entries of a Secret as files.' }),
    storageos: pointer(storageOSVolumeSourceSchema),
    vsphereVolume: pointer(vsphereVirtualDiskVolumeSourceSchema),
  },
  { description: 'A volume of a pod. One source is given besides the name.' },
)
export type Volume = Static<typeof volumeSchema>
