import type { BlobStore } from '../blobs/index.ts'
import { ociIndex, parseDigest } from '../oci/index.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import type { Call } from './call.ts'
import { parsePage } from './pagination.ts'
import type { StreamReader, TagItem } from './stream-reader.ts'

/**
 * `GET /v2/<name>/_oci/tag-history/<tag>`, a draft (opencontainers/distribution-spec#606) that may change before it is merged:
 * an index of what the tag has named, newest first; an empty one when there is nothing to tell. Served behind a flag.
 */
export type ListTagHistory = (call: Call, tag: string) => Promise<Answer>

export interface TagHistoryOptions {
  reader: Pick<StreamReader, 'image'>
  blobs: Pick<BlobStore, 'stat'>
}

/** When the tag began to name the image. */
const taggedAnnotation = 'weir.dev/tagged'
const defaultItems = 100

export function createListTagHistory({ reader, blobs }: TagHistoryOptions): ListTagHistory {
  async function describe({ image, created }: TagItem): Promise<object[]> {
    const digest = parseDigest(image)
    if (digest === undefined) return []
    const [view, stored] = await Promise.all([reader.image(digest), blobs.stat(digest)])
    const annotations = created === '' ? {} : { annotations: { [taggedAnnotation]: created } }
    return [{ mediaType: view?.mediaType ?? '', digest, size: stored?.size ?? 0, ...annotations }]
  }

  return async (call, tag) => {
    const { n = defaultItems } = parsePage(call.query)
    const items = (await call.stream())?.tags.get(tag) ?? []
    const manifests = await Promise.all(items.slice(0, n).map(describe))
    return jsonAnswer(
      200,
      { schemaVersion: 2, mediaType: ociIndex, manifests: manifests.flat() },
      {},
      ociIndex,
    )
  }
}
