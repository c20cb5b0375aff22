import type { KubeObject, ObjectMeta } from '../../machinery/object.ts'

/** The image objects as far as the client reads them; a server may leave out anything. */

export interface ObjectRef {
  kind?: string
  name?: string
  namespace?: string
}

export interface TagSpec {
  name: string
  annotations?: Record<string, string> | null
  from?: ObjectRef | null
  reference?: boolean
  generation?: number | null
  importPolicy?: { insecure?: boolean; scheduled?: boolean; importMode?: string }
  referencePolicy?: { type?: string }
}

export interface TagEvent {
  created?: string | null
  dockerImageReference?: string
  image?: string
  generation?: number
}

export interface TagCondition {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string | null
  generation?: number
}

export interface TagStatus {
  tag: string
  items?: TagEvent[] | null
  conditions?: TagCondition[] | null
}

export interface StreamObject extends KubeObject {
  spec?: { lookupPolicy?: { local?: boolean }; dockerImageRepository?: string; tags?: TagSpec[] | null }
  status?: { dockerImageRepository?: string; publicDockerImageRepository?: string; tags?: TagStatus[] | null }
}

export interface ContainerConfig {
  Cmd?: string[] | null
  Entrypoint?: string[] | null
  Env?: string[] | null
  ExposedPorts?: Record<string, unknown> | null
  Labels?: Record<string, string> | null
  User?: string
  Volumes?: Record<string, unknown> | null
  WorkingDir?: string
}

export interface ImageMetadata {
  Architecture?: string
  Author?: string
  Config?: ContainerConfig | null
  ContainerConfig?: ContainerConfig | null
  Created?: string | null
  Size?: number
}

export interface ImageSignature {
  metadata?: ObjectMeta
  type?: string
  conditions?: { type?: string; status?: string; message?: string; lastProbeTime?: string }[] | null
  issuedBy?: { commonName?: string } | null
}

export interface ImageObject extends KubeObject {
  dockerImageReference?: string
  dockerImageMetadata?: ImageMetadata | null
  dockerImageLayers?: { name: string; size: number; mediaType?: string }[] | null
  dockerImageManifest?: string
  dockerImageConfig?: string
  dockerImageManifests?: { digest: string; os?: string; architecture?: string; variant?: string }[] | null
  signatures?: ImageSignature[] | null
}
