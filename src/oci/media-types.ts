/** The media types that registries and images exchange (OCI image-spec "Media Types"; docker's image manifest v2). */

export const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
export const ociIndex = 'application/vnd.oci.image.index.v1+json'
export const ociConfig = 'application/vnd.oci.image.config.v1+json'
export const ociEmpty = 'application/vnd.oci.empty.v1+json'
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'
export const dockerManifestList = 'application/vnd.docker.distribution.manifest.list.v2+json'
export const dockerConfig = 'application/vnd.docker.container.image.v1+json'
export const dockerForeignLayer = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
export const dockerSchema1 = 'application/vnd.docker.distribution.manifest.v1+json'
export const dockerSchema1Signed = 'application/vnd.docker.distribution.manifest.v1+prettyjws'
/** What layers of schema 1 manifests are called, which name no type themselves. */
export const dockerSchema1Layer = 'application/vnd.docker.container.image.rootfs.diff+x-gtar'

const ociNonDistributable = 'application/vnd.oci.image.layer.nondistributable.v1.tar'
const nonDistributable: ReadonlySet<string> = new Set([
  dockerForeignLayer,
  ociNonDistributable,
  `${ociNonDistributable}+gzip`,
  `${ociNonDistributable}+zstd`,
])

export const imageManifestTypes: ReadonlySet<string> = new Set([ociManifest, dockerManifest])
export const indexManifestTypes: ReadonlySet<string> = new Set([ociIndex, dockerManifestList])

export function isImageManifestType(mediaType: string): boolean {
  return imageManifestTypes.has(mediaType)
}

export function isIndexManifestType(mediaType: string): boolean {
  return indexManifestTypes.has(mediaType)
}

/** Layers that a registry need not hold. */
export function isNonDistributableLayer(mediaType: string): boolean {
  return nonDistributable.has(mediaType)
}

// RFC 6838 section 4.2: type "/" subtype, each at most 127 characters.
const restrictedName = '[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}'
const mediaTypeShape = new RegExp(`^${restrictedName}/${restrictedName}$`)

export function isMediaType(text: string): boolean {
  return mediaTypeShape.test(text)
}
