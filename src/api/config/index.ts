import type { Kind } from '../../machinery/kind.ts'
import { clusterVersions } from './cluster-version.ts'
import { imageDigestMirrorSets } from './image-digest-mirror-set.ts'
import { imageTagMirrorSets } from './image-tag-mirror-set.ts'

export type {
  ClusterOperatorStatusCondition,
  ClusterVersion,
  ClusterVersionCapabilitiesSpec,
  ClusterVersionCapabilitiesStatus,
  ClusterVersionSpec,
  ClusterVersionStatus,
  Release,
  UpdateHistory,
} from './cluster-version.ts'
export { clusterVersionSchema, clusterVersions } from './cluster-version.ts'
export type {
  ImageDigestMirrorSet,
  ImageDigestMirrorSetSpec,
  ImageDigestMirrorSetStatus,
  ImageDigestMirrors,
} from './image-digest-mirror-set.ts'
export { imageDigestMirrorSetSchema, imageDigestMirrorSets } from './image-digest-mirror-set.ts'
export type {
  ImageTagMirrorSet,
  ImageTagMirrorSetSpec,
  ImageTagMirrorSetStatus,
  ImageTagMirrors,
} from './image-tag-mirror-set.ts'
export { imageTagMirrorSetSchema, imageTagMirrorSets } from './image-tag-mirror-set.ts'
export type { MirroredSource } from './validate-mirrors.ts'
export { mirrorErrors } from './validate-mirrors.ts'

export const configKinds: readonly Kind[] = [clusterVersions, imageDigestMirrorSets, imageTagMirrorSets]
