import type { Subject } from '../access/access.ts'
import {
  type ImageStream,
  imageStreamMappings,
  imageStreams,
  imageStreamTags,
  images,
} from '../api/image/index.ts'
import type { Client } from '../client/client.ts'
import { imageFromPush, mappingFromPush, type PushedManifest } from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Digest } from '../oci/index.ts'

/** What the registry writes through the API, each call as the identity that registry.md §13 names. */

export interface ImageWrites {
  /** B-22, as the registry, for the subject. */
  mapImage(pushed: PushedManifest, tag: string, by: Subject): Promise<void>
  /** B-24, as the registry; an Image that exists is fine. */
  createImage(pushed: PushedManifest): Promise<void>
  /** B-23, as the user; a stream that exists is fine. */
  createStream(subject: Subject, namespace: string, stream: string): Promise<void>
  /** B-101, as the registry, for the subject; false when there was no such tag. */
  deleteTag(namespace: string, stream: string, tag: string, by: Subject): Promise<boolean>
  /** Takes the image out of every history of the stream, as the registry, for the subject. */
  forgetImage(namespace: string, stream: string, digest: Digest, by: Subject): Promise<void>
}

const maxConflicts = 10

export function createImageWrites(client: Client, clientFor: (subject: Subject) => Client): ImageWrites {
  async function existing(work: Promise<unknown>): Promise<void> {
    try {
      await work
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists') && !isApiError(error, 'Conflict')) throw error
    }
  }

  return {
    async mapImage(pushed, tag, by) {
      const mapping = mappingFromPush(pushed, tag)
      await client.create(imageStreamMappings, pushed.namespace, mapping, { onBehalfOf: by.name })
    },

    createImage: (pushed) => existing(client.create(images, '', imageFromPush(pushed))),

    createStream(subject, namespace, name) {
      const stream: ImageStream = {
        metadata: { name, namespace },
        spec: { lookupPolicy: { local: false } },
        status: { dockerImageRepository: '' },
      }
      return existing(clientFor(subject).create(imageStreams, namespace, stream))
    },

    async deleteTag(namespace, stream, tag, by) {
      try {
        await client.delete(imageStreamTags, namespace, `${stream}:${tag}`, { onBehalfOf: by.name })
        return true
      } catch (error) {
        if (isApiError(error, 'NotFound')) return false
        throw error
      }
    },

    async forgetImage(namespace, name, digest, by) {
      for (let attempt = 1; ; attempt++) {
        const stream = await client.get(imageStreams, namespace, name)
        const next = withoutImage(stream, digest)
        if (next === undefined) return
        try {
          const options = { subresource: 'status', onBehalfOf: by.name }
          await client.update(imageStreams, namespace, next, options)
          return
        } catch (error) {
          if (!isApiError(error, 'Conflict') || attempt === maxConflicts) throw error
        }
      }
    },
  }
}

/** The stream without the image in any history; undefined when none has it. Tags that this empties go. */
export function withoutImage(stream: ImageStream, digest: Digest): ImageStream | undefined {
  const tags = stream.status.tags ?? []
  if (!tags.some(({ items }) => (items ?? []).some(({ image }) => image === digest))) return undefined
  const kept = tags
    .map((tag) => ({ ...tag, items: (tag.items ?? []).filter(({ image }) => image !== digest) }))
    .filter((tag) => tag.items.length > 0 || (tag.conditions ?? []).length > 0)
  return { ...stream, status: { ...stream.status, tags: kept } }
}
