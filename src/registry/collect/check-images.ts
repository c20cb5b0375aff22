import {
  type Image,
  type ImageStream,
  imageStreams,
  images,
  isAnnotatedTrue,
  managedImageAnnotation,
} from '../../api/image/index.ts'
import { createDigestTable, type Digest, isNonDistributableLayer, parseDigest } from '../../oci/index.ts'
import { kindPrefix } from '../../resources/keys.ts'
import { decodeObject } from '../../resources/object-codec.ts'
import type { Checking, Finding } from './check-storage.ts'
import { restoreBlob } from './collect-blobs.ts'
import { holdsOfImage } from './image-holds.ts'
import { walk } from './walk.ts'

/** Pushed images whose content is missing, and tags that name no Image. */
export async function* checkImages(checking: Checking): AsyncGenerator<Finding> {
  const { store, breathe } = checking
  for await (const { value, revision } of walk(store, kindPrefix(images), breathe)) {
    yield* checkImage(checking, decodeObject(value, revision) as Image)
  }
  const reported = createDigestTable()
  for await (const { value, revision } of walk(store, kindPrefix(imageStreams), breathe)) {
    yield* checkStream(checking, decodeObject(value, revision) as ImageStream, reported)
  }
}

/** Imported images may be elsewhere; layers that may not be distributed always are. */
async function* checkImage(checking: Checking, image: Image): AsyncGenerator<Finding> {
  if (!isAnnotatedTrue(image, managedImageAnnotation)) return
  const { manifest, blobs } = holdsOfImage(image)
  const elsewhere = new Set(
    (image.dockerImageLayers ?? [])
      .filter(({ mediaType }) => isNonDistributableLayer(mediaType))
      .map(({ name }) => name),
  )
  for (const digest of new Set([...(manifest === undefined ? [] : [manifest]), ...blobs])) {
    if (elsewhere.has(digest)) continue
    const place = await checking.find(digest)
    const what = digest === manifest ? 'its manifest' : digest
    if (place === 'absent') {
      yield { kind: 'missing-blob', text: `image ${image.metadata.name} lacks ${what}; push it again` }
    }
    if (place === 'discarded') {
      yield {
        kind: 'discarded-blob',
        text: `image ${image.metadata.name} needs ${what}, which lies in the trash`,
        repair: async () => void (await restoreBlob(checking, digest)),
      }
    }
  }
}

async function* checkStream(
  checking: Checking,
  { metadata, status }: ImageStream,
  reported: ReturnType<typeof createDigestTable>,
): AsyncGenerator<Finding> {
  const repository = `${metadata.namespace}/${metadata.name}`
  for (const { tag, items } of status.tags ?? []) {
    for (const [index, { image }] of (items ?? []).entries()) {
      // The status of a reference tag names no image.
      const digest = parseDigest(image)
      if (digest === undefined || checking.marks.hasImage(digest) || reported.get(digest) !== undefined)
        continue
      reported.set(digest, 1)
      yield missingImage(checking, repository, `${tag}, revision ${index + 1}`, digest)
    }
  }
}

function missingImage(checking: Checking, repository: string, where: string, digest: Digest): Finding {
  const { makeImage, blobs } = checking
  return {
    kind: 'missing-image',
    text: `image stream ${repository}, tag ${where}: there is no Image ${digest}`,
    async repair() {
      const isStored = (await blobs.stat(digest)) !== undefined
      if (!isStored || !(await makeImage(repository, digest))) {
        throw new Error('its manifest is not stored; push it again, or delete the tag')
      }
    },
  }
}
