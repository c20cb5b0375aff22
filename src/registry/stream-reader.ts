import type { Digest } from '../oci/index.ts'

/**
 * What the registry reads of image streams. Narrow, so that it can be answered from memory; an answer must not be older
 * than the last write that the same process acknowledged.
 */

/** One item of a tag's history. */
export interface TagItem {
  /** Name of the Image; usually, not always, a digest. */
  image: string
  dockerImageReference: string
  /** RFC 3339. */
  created: string
}

export interface StreamView {
  readonly namespace: string
  readonly name: string
  /** Histories, newest item first. */
  readonly tags: ReadonlyMap<string, readonly TagItem[]>
  /** `status.dockerImageRepository` and `status.publicDockerImageRepository`, where set: this registry's own names. */
  readonly ownRepositories: readonly string[]
  /** Whether the stream's annotation allows insecure transport to all that it imports from. */
  readonly isInsecure: boolean
  /** Tags whose spec has `importPolicy.insecure`. */
  readonly insecureTags: ReadonlySet<string>
}

export interface LayerView {
  digest: Digest
  /** Bytes. */
  size: number
}

export interface ImageView {
  readonly digest: Digest
  /** '' when unknown. */
  readonly mediaType: string
  /** Pushed to this registry rather than imported. */
  readonly isManaged: boolean
  readonly layers: readonly LayerView[]
  readonly config: Digest | undefined
  /** Children of an index. */
  readonly manifests: readonly Digest[]
  /** `dockerImageManifest` of images from long ago (B-34); '' for all others. */
  readonly inlineManifest: string
}

export interface NamePage {
  /** Only names after this one, whether or not it exists. */
  after: string
  limit: number
}

export interface StreamReader {
  stream(namespace: string, name: string): Promise<StreamView | undefined>
  image(digest: Digest): Promise<ImageView | undefined>
  /** As `stream` and `image`, where memory is known to be right; undefined says nothing. */
  peekStream?(namespace: string, name: string): StreamView | undefined
  peekImage?(digest: Digest): ImageView | undefined
  /** `namespace/name` of all streams, ordered by the bytes of the joined text. */
  names(page: NamePage): Promise<string[]>
}
