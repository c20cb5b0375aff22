import {
  type Image,
  type ImageStreamMapping,
  imageApiVersion,
  layersOrderAnnotation,
  managedImageAnnotation,
  manifestBlobStoredAnnotation,
} from '../api/image/index.ts'
import type { Digest, Manifest } from '../oci/index.ts'
import { subjectAnnotation } from './prune-facts.ts'

/** A manifest that the registry has taken, with what it needs to be told of. */
export interface PushedManifest {
  digest: Digest
  manifest: Manifest
  /** The manifest's bytes as text. */
  text: string
  /** The config's bytes as text; undefined for an index. */
  config: string | undefined
  /** `host[:port]` of the registry. */
  registry: string
  namespace: string
  stream: string
}

/** The Image object that a push makes (registry.md B-21). Its metadata is filled in when it is created. */
export function imageFromPush(pushed: PushedManifest): Image {
  const { digest, manifest, text, config, registry, namespace, stream } = pushed
  const isIndex = manifest.kind === 'index'
  return {
    kind: 'Image',
    apiVersion: imageApiVersion,
    metadata: {
      name: digest,
      annotations: {
        [managedImageAnnotation]: 'true',
        [manifestBlobStoredAnnotation]: 'true',
        [layersOrderAnnotation]: isIndex ? '' : 'ascending',
        ...(manifest.subject === undefined ? {} : { [subjectAnnotation]: manifest.subject.digest }),
      },
    },
    dockerImageReference: `${registry}/${namespace}/${stream}@${digest}`,
    dockerImageMetadata: {},
    dockerImageMetadataVersion: '1.0',
    dockerImageManifest: text,
    dockerImageManifestMediaType: manifest.mediaType,
    ...(config === undefined || isIndex ? {} : { dockerImageConfig: config }),
    ...(isIndex
      ? {}
      : {
          dockerImageLayers: manifest.layers.map(({ digest: name, size, mediaType }) => {
            return { name, size, mediaType }
          }),
        }),
  }
}

/** The mapping that makes a pushed image a tag (registry.md B-22). */
export function mappingFromPush(pushed: PushedManifest, tag: string): ImageStreamMapping {
  const { kind, apiVersion, ...image } = imageFromPush(pushed)
  return {
    kind: 'ImageStreamMapping',
    apiVersion: imageApiVersion,
    metadata: { name: pushed.stream, namespace: pushed.namespace },
    image,
    tag,
  }
}
