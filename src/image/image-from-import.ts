import { fillImageMetadata, type Image, manifestEntries } from '../api/image/index.ts'
import {
  asRepository,
  formatExact,
  type ImageReference,
  isIndexManifestType,
  parseManifest,
} from '../oci/index.ts'

/** A manifest that was fetched from a registry. */
export interface FetchedManifest {
  /** Names the image: the digest of the manifest, for schema 1 without its signatures. */
  digest: string
  mediaType: string
  /** The manifest's bytes as text. */
  text: string
  /** The config's bytes as text; absent for lists and schema 1. */
  config?: string
  /** Where it was asked for, as the user wrote it. */
  reference: ImageReference
}

/**
 * The Image that an import makes (import.md §3.4). Manifest and config stay in it when the request says
 * `includeManifest`; they are dropped when it is stored.
 */
export function imageFromImport(fetched: FetchedManifest, includeManifest: boolean, now: Date): Image {
  const { digest, mediaType, text, config, reference } = fetched
  const image: Image = {
    metadata: { name: digest },
    dockerImageReference: formatExact({ ...asRepository(reference), id: digest }),
    dockerImageMetadata: {},
    dockerImageMetadataVersion: '1.0',
    dockerImageManifest: text,
    dockerImageManifestMediaType: mediaType,
    ...(config === undefined ? {} : { dockerImageConfig: config }),
  }
  const filled = { ...fillImageMetadata(image, now), ...listEntries(text, mediaType) }
  if (includeManifest) return filled
  const { dockerImageManifest, dockerImageConfig, ...rest } = filled
  return rest
}

function listEntries(text: string, mediaType: string): Partial<Image> {
  if (!isIndexManifestType(mediaType)) return {}
  const parsed = parseManifest(text, mediaType)
  if (!parsed.ok || parsed.manifest.kind !== 'index') return {}
  return { dockerImageManifests: manifestEntries(parsed.manifest) }
}
