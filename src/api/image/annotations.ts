/** Annotations with a meaning to the server (image-api.md §4.1, §6.5). */

/** On a stream: RFC 3339 time of the last import that changed something. */
export const repositoryCheckAnnotation = 'openshift.io/image.dockerRepositoryCheck'
/** On a stream or an image stream tag: "true" allows insecure transport. */
export const insecureRepositoryAnnotation = 'openshift.io/image.insecureRepository'
/** On an Image: "true" when the integrated registry holds it. */
export const managedImageAnnotation = 'openshift.io/image.managed'
/** On an Image: "true" when the registry keeps manifest and config, so that the object need not. */
export const manifestBlobStoredAnnotation = 'image.openshift.io/manifestBlobStored'
/** On an Image: `ascending` (base layer first) or `descending`. */
export const layersOrderAnnotation = 'image.openshift.io/dockerLayersOrder'
/** On a signature: dropped whenever an Image is written. */
export const managedSignatureAnnotation = 'image.openshift.io/managed-signature'
/** On a Secret: "true" hides it from `imagestreams/secrets`. */
export const excludeSecretAnnotation = 'openshift.io/image.excludeSecret'
/** On a spec tag: which entry of a manifest list a Legacy import prefers. */
export const preferArchAnnotation = 'importer.image.openshift.io/prefer-arch'
export const preferOsAnnotation = 'importer.image.openshift.io/prefer-os'

export function isAnnotatedTrue(
  object: { metadata: { annotations?: Record<string, string> } },
  annotation: string,
): boolean {
  return object.metadata.annotations?.[annotation] === 'true'
}
