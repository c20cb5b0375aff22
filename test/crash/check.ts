import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageStreamTag } from '../../src/api/index.ts'
import { digestOf } from '../lab/random-image.ts'
import type { Answer, Target } from './target.ts'
import { uploadBytes, type Worker } from './worker.ts'

/** What has to hold after a restart. Takes what is found as the state to go on from. */
export async function check(worker: Worker, target: Target, dataDir: string): Promise<void> {
  await checkTags(worker, target)
  await checkBlobs(worker, dataDir)
  await checkUpload(worker, target)
}

async function checkTags(worker: Worker, target: Target): Promise<void> {
  const { pending } = worker
  worker.pending = undefined
  const names = new Set([...worker.tags.keys(), ...(pending === undefined ? [] : [pending.tag])])
  const images = new Set<string>()
  for (const tag of names) {
    const known = worker.tags.get(tag) ?? ''
    const allowed = pending?.tag === tag ? [known, pending.digest] : [known]
    const found = await digestOfTag(worker, tag, target)
    assert(allowed.includes(found), `${worker.stream}:${tag} has ${found || 'nothing'}, not ${allowed}`)
    worker.tags.set(tag, found)
    if (pending?.image?.digest === found) worker.images.set(found, pending.image)
    if (found !== '') images.add(found)
  }
  for (const digest of images) await checkContent(worker, digest, target)
  for (const digest of worker.images.keys()) {
    const path = `/apis/image.openshift.io/v1/images/${digest}`
    assert.equal((await answered(target.api('GET', path))).status, 200, `Image ${digest} was acknowledged`)
  }
}

async function answered(call: Promise<Answer | undefined>): Promise<Answer> {
  const answer = await call
  assert(answer !== undefined, 'the server does not answer')
  return answer
}

async function digestOfTag({ stream }: Worker, tag: string, target: Target): Promise<string> {
  const path = `/apis/image.openshift.io/v1/namespaces/crash/imagestreamtags/${stream}:${tag}`
  const answer = await answered(target.api('GET', path))
  if (answer.status === 404) return ''
  assert.equal(answer.status, 200, `${path}: ${answer.bytes}`)
  const { image } = JSON.parse(answer.bytes.toString()) as ImageStreamTag
  const served = await answered(target.registry('GET', `/v2/crash/${stream}/manifests/${tag}`))
  assert.equal(served.status, 200, `${stream}:${tag}: ${served.bytes}`)
  assert.equal(digestOf(served.bytes), image.metadata.name)
  return image.metadata.name ?? ''
}

/** The image is served whole. */
async function checkContent({ stream, images }: Worker, digest: string, target: Target): Promise<void> {
  const image = images.get(digest)
  assert(image !== undefined, `nobody pushed ${digest}`)
  for (const blob of [image.config, ...image.layers]) {
    const served = await answered(target.registry('GET', `/v2/crash/${stream}/blobs/${blob.digest}`))
    assert.equal(served.status, 200, `${blob.digest} of ${digest}`)
    assert.equal(digestOf(served.bytes), blob.digest)
  }
}

/** Every acknowledged blob and manifest is a whole file, tagged or not. */
async function checkBlobs({ blobs, images }: Worker, dataDir: string): Promise<void> {
  for (const digest of [...blobs, ...images.keys()]) {
    const hex = digest.slice('sha256:'.length)
    const file = join(dataDir, 'blobs', 'blobs', 'sha256', hex.slice(0, 2), hex, 'data')
    assert((await stat(file)).isFile(), `${digest} was acknowledged`)
  }
}

/** An upload session has at least what was acknowledged, and can be ended. */
async function checkUpload(worker: Worker, target: Target): Promise<void> {
  const { upload, stream } = worker
  if (upload === undefined) return
  worker.upload = undefined
  const now = await answered(target.registry('GET', upload.location))
  assert.equal(now.status, 204, `${upload.location}: ${now.bytes}`)
  const end = Number(/-(\d+)$/.exec(`${now.headers.range}`)?.[1]) + 1
  const has = upload.acknowledged === 0 && end === 1 ? 0 : end
  assert(has >= upload.acknowledged, `${has} bytes kept of ${upload.acknowledged}`)
  const bytes = uploadBytes(worker, 0, Math.max(has, 1) + 100)
  const digest = digestOf(bytes)
  const from = has
  const location = `${now.headers.location ?? upload.location}`
  const url = `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`
  const done = await answered(target.registry('PUT', url, bytes.subarray(from), 'application/octet-stream'))
  assert.equal(done.status, 201, `${done.bytes}`)
  const served = await answered(target.registry('GET', `/v2/crash/${stream}/blobs/${digest}`))
  assert.equal(digestOf(served.bytes), digest)
  worker.blobs.add(digest)
}

/** A start sweeps away what a crash left. */
export async function temporaryFiles(dataDir: string): Promise<string[]> {
  const names = await readdir(dataDir, { recursive: true })
  return names.filter((name) => name.endsWith('.tmp') || name.startsWith(join('blobs', 'tmp', '/')))
}
