import assert from 'node:assert/strict'
import type { ImageStreamTag } from '../../src/api/index.ts'
import { noise, randomImage, type TestImage } from '../lab/random-image.ts'
import type { Random } from './random.ts'
import type { Answer, Target } from './target.ts'

/**
 * One client with a stream of its own, which it alone changes: what it was told is known exactly, and of its last request
 * that it may have been done or not.
 */
export interface Worker {
  readonly stream: string
  /** Digest by tag, as acknowledged; '' after a deletion. */
  readonly tags: Map<string, string>
  /** The request that nobody answered: the tag and what it would have become. */
  pending: { tag: string; digest: string; image?: TestImage } | undefined
  /** Every image that was acknowledged, by digest. */
  readonly images: Map<string, TestImage>
  /** Acknowledged blobs that no manifest refers to yet. */
  readonly blobs: Set<string>
  /** An upload session: where it goes on, and how much was acknowledged. */
  upload: { location: string; acknowledged: number } | undefined
  /** How many writes were acknowledged. */
  writes: number
}

const tagNames = ['a', 'b', 'c', 'd', 'e']
const streamBytes = 'application/octet-stream'
const chunk = 4_000

export function createWorker(name: string): Worker {
  return {
    stream: name,
    tags: new Map(),
    pending: undefined,
    images: new Map(),
    blobs: new Set(),
    upload: undefined,
    writes: 0,
  }
}

/** Writes until the server is gone. An answer that is no success is a mistake of the server's. */
export async function work(worker: Worker, target: Target, random: Random): Promise<void> {
  for (;;) {
    const known = [...worker.tags].filter(([, digest]) => digest !== '')
    const dice = random.next()
    const step =
      known.length === 0 || dice < 0.45
        ? push(worker, target, random)
        : dice < 0.65
          ? retag(worker, target, random.pick(tagNames), random.pick(known)[1])
          : dice < 0.8
            ? remove(worker, target, random.pick(known)[0])
            : append(worker, target)
    if (!(await step)) return
  }
}

/** Was it done? An undefined answer says that the server is gone. */
function accepted(worker: Worker, answer: Answer | undefined, expected: readonly number[]): answer is Answer {
  if (answer === undefined) return false
  assert(
    expected.includes(answer.status),
    `${worker.stream}: ${answer.status} ${answer.bytes} ${answer.asked}`,
  )
  worker.writes++
  return true
}

async function push(worker: Worker, target: Target, random: Random): Promise<boolean> {
  const seed = `${worker.stream} ${random.next()}`
  const image = randomImage(seed, { layerSize: random.between(100, 60_000) })
  for (const { digest, bytes } of [image.config, ...image.layers]) {
    const path = `/v2/crash/${worker.stream}/blobs/uploads/?digest=${digest}`
    if (!accepted(worker, await target.registry('POST', path, bytes, streamBytes), [201])) return false
    worker.blobs.add(digest)
  }
  const tag = random.pick(tagNames)
  const path = `/v2/crash/${worker.stream}/manifests/${tag}`
  worker.pending = { tag, digest: image.digest, image }
  if (!accepted(worker, await target.registry('PUT', path, image.bytes, image.mediaType), [201])) return false
  settle(worker)
  return true
}

function settle(worker: Worker): void {
  if (worker.pending === undefined) return
  const { tag, digest, image } = worker.pending
  worker.tags.set(tag, digest)
  if (image !== undefined) worker.images.set(digest, image)
  worker.pending = undefined
}

const istags = '/apis/image.openshift.io/v1/namespaces/crash/imagestreamtags'

async function retag(worker: Worker, target: Target, tag: string, digest: string): Promise<boolean> {
  const name = `${worker.stream}:${tag}`
  worker.pending = { tag, digest }
  const answer = await target.api('PUT', `${istags}/${name}`, {
    apiVersion: 'image.openshift.io/v1',
    kind: 'ImageStreamTag',
    metadata: { name },
    tag: { from: { kind: 'ImageStreamImage', name: `${worker.stream}@${digest}` } },
  })
  if (!accepted(worker, answer, [200, 201])) return false
  // The answer says what the tag has: the same source as the last time moves nothing (image-api.md §7.3).
  worker.pending.digest = (JSON.parse(answer.bytes.toString()) as ImageStreamTag).image.metadata.name ?? ''
  settle(worker)
  return true
}

async function remove(worker: Worker, target: Target, tag: string): Promise<boolean> {
  worker.pending = { tag, digest: '' }
  const answer = await target.api('DELETE', `${istags}/${worker.stream}:${tag}`)
  if (!accepted(worker, answer, [200])) return false
  settle(worker)
  return true
}

/** Goes on with an upload session, which outlives the server. */
async function append(worker: Worker, target: Target): Promise<boolean> {
  if (worker.upload === undefined) {
    const opened = await target.registry('POST', `/v2/crash/${worker.stream}/blobs/uploads/`)
    if (!accepted(worker, opened, [202])) return false
    worker.upload = { location: `${opened.headers.location}`, acknowledged: 0 }
  }
  const { location, acknowledged } = worker.upload
  const bytes = uploadBytes(worker, acknowledged, acknowledged + chunk)
  const range = { 'content-range': `${acknowledged}-${acknowledged + chunk - 1}` }
  const sent = await target.registry('PATCH', location, bytes, streamBytes, range)
  if (!accepted(worker, sent, [202])) return false
  worker.upload = { location: `${sent.headers.location}`, acknowledged: acknowledged + chunk }
  return true
}

export function uploadBytes(worker: Worker, from: number, to: number): Buffer {
  return noise(`upload of ${worker.stream}`, to).subarray(from)
}
