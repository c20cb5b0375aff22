import { isIndexManifestType, ociIndex, ociManifest } from '../oci/index.ts'

/** Which manifests a client says that it takes (registry.md A-57); q-values and parameters count for nothing. */
export function acceptsManifest(header: string | undefined, mediaType: string): boolean {
  if (header === undefined || header.trim() === '') return true
  const wanted = mediaType.toLowerCase()
  return header.split(',').some((item) => {
    const type = item.split(';')[0]?.trim().toLowerCase() ?? ''
    return type === wanted || type === '*/*' || type === 'application/*'
  })
}

/** What to do with a manifest whose type the client did not list. */
export type Mismatch = 'refuse-image' | 'refuse-index' | 'serve' | 'serve-child'

export function planMismatch(mediaType: string, isByTag: boolean): Mismatch {
  if (mediaType === ociManifest) return 'refuse-image'
  if (mediaType === ociIndex) return 'refuse-index'
  return isByTag && isIndexManifestType(mediaType) ? 'serve-child' : 'serve'
}
