import type { KubeList, KubeObject, ListMeta, ObjectMeta } from './object.ts'

/** Metadata without the rest: `meta.k8s.io/v1` PartialObjectMetadata. */
export interface PartialObjectMetadata {
  kind: 'PartialObjectMetadata'
  apiVersion: string
  metadata: ObjectMeta
}

export interface PartialObjectMetadataList {
  kind: 'PartialObjectMetadataList'
  apiVersion: string
  metadata: ListMeta
  items: PartialObjectMetadata[]
}

export const metaVersion = 'meta.k8s.io/v1'

/** `apiVersion` is what the client asked for: `meta.k8s.io/v1`, or `v1beta1` of old clients. */
export function toPartialObject(object: KubeObject, apiVersion = metaVersion): PartialObjectMetadata {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata }
}

export function toPartialObjectList(list: KubeList, apiVersion = metaVersion): PartialObjectMetadataList {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion,
    metadata: list.metadata,
    items: list.items.map((object) => toPartialObject(object, apiVersion)),
  }
}
