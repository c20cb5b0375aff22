import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Image, ImageStream } from '../api/image/index.ts'
import { imageStreams, images } from '../api/image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { dockerManifest, ociConfig, ociIndex, ociManifest } from '../oci/index.ts'
import { digestOf, type LabRequest, type LabResponse, type RegistryLab } from './registry-lab.ts'

/** Content for tests, and the ways in which it gets into a lab. */

export interface TestDescriptor {
  mediaType: string
  digest: string
  size: number
  [field: string]: unknown
}

export interface TestManifest {
  digest: string
  bytes: Buffer
  mediaType: string
}

export const gzipLayer = 'application/vnd.oci.image.layer.v1.tar+gzip'

/** Pushes a blob in one request. */
export async function pushBlob(
  lab: RegistryLab,
  repository: string,
  bytes: Buffer,
  mediaType: string,
  as?: string,
): Promise<TestDescriptor> {
  const digest = digestOf(bytes)
  const seen = await lab.request('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, {
    body: bytes,
    ...(as === undefined ? {} : { as }),
  })
  assert.equal(seen.status, 201, seen.text)
  return { mediaType, digest, size: bytes.length }
}

export function manifestOf(document: object, mediaType: string): TestManifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...document }))
  return { digest: digestOf(bytes), bytes, mediaType }
}

export function descriptorOf({ digest, bytes, mediaType }: TestManifest): TestDescriptor {
  return { mediaType, digest, size: bytes.length }
}

export async function putManifest(
  lab: RegistryLab,
  repository: string,
  manifest: TestManifest,
  reference: string = manifest.digest,
  request: LabRequest = {},
): Promise<LabResponse> {
  return lab.request('PUT', `/v2/${repository}/manifests/${reference}`, {
    body: manifest.bytes,
    ...request,
    headers: { 'content-type': manifest.mediaType, ...request.headers },
  })
}

export interface TestImage extends TestManifest {
  config: TestDescriptor
  layers: TestDescriptor[]
}

export interface PushOptions {
  mediaType?: string
  as?: string
  fields?: object
  layers?: number
}

/** A new image with its blobs, pushed under the reference, or by digest. */
export async function pushImage(
  lab: RegistryLab,
  repository: string,
  reference?: string,
  { mediaType = ociManifest, as, fields = {}, layers = 2 }: PushOptions = {},
): Promise<TestImage> {
  const config = await pushBlob(
    lab,
    repository,
    Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', id: randomBytes(6).toString('hex') })),
    mediaType === dockerManifest ? 'application/vnd.docker.container.image.v1+json' : ociConfig,
    as,
  )
  const pushed: TestDescriptor[] = []
  for (let n = 0; n < layers; n++)
    pushed.push(await pushBlob(lab, repository, randomBytes(500), gzipLayer, as))
  const manifest = manifestOf({ config, layers: pushed, ...fields }, mediaType)
  const request = as === undefined ? {} : { as }
  const seen = await putManifest(lab, repository, manifest, reference, request)
  assert.equal(seen.status, 201, seen.text)
  return { ...manifest, config, layers: pushed }
}

export function indexOf(
  children: readonly TestManifest[],
  fields: object = {},
  mediaType = ociIndex,
): TestManifest {
  const manifests = children.map((child, n) => ({
    ...descriptorOf(child),
    platform: { os: 'linux', architecture: n === 0 ? 'amd64' : 'arm64' },
  }))
  return manifestOf({ manifests, ...fields }, mediaType)
}

/** What an import leaves behind: an Image that is not this registry's, as the newest item of a tag. */
export async function importImage(
  lab: RegistryLab,
  repository: string,
  tag: string,
  manifest: TestManifest & { layers?: TestDescriptor[] },
  from = 'elsewhere.test/library/app',
): Promise<void> {
  const image: Image = {
    metadata: { name: manifest.digest },
    dockerImageReference: `${from}@${manifest.digest}`,
    dockerImageManifestMediaType: manifest.mediaType,
    dockerImageLayers: (manifest.layers ?? []).map(({ digest, size, mediaType }) => ({
      name: digest,
      size,
      mediaType,
    })),
    dockerImageMetadata: {},
    dockerImageMetadataVersion: '1.0',
  }
  await lab.client.create(images, '', image).catch((error: unknown) => {
    if (!isApiError(error, 'AlreadyExists')) throw error
  })
  await setTag(lab, repository, tag, manifest.digest, `${from}@${manifest.digest}`)
}

/** Makes the image the newest item of a tag of a stream, which is made when missing. */
export async function setTag(
  lab: RegistryLab,
  repository: string,
  tag: string,
  image: string,
  dockerImageReference = `elsewhere.test/x@${image}`,
): Promise<void> {
  const [namespace = '', name = ''] = repository.split('/')
  const fresh: ImageStream = {
    metadata: { name, namespace },
    spec: { lookupPolicy: { local: false } },
    status: { dockerImageRepository: '' },
  }
  const stream = await lab.client.get(imageStreams, namespace, name).catch((error: unknown) => {
    if (!isApiError(error, 'NotFound')) throw error
    return lab.client.create(imageStreams, namespace, fresh)
  })
  const event = { created: '2026-01-01T00:00:00Z', dockerImageReference, image, generation: 1 }
  const tags = stream.status.tags ?? []
  const before = tags.find((entry) => entry.tag === tag)?.items ?? []
  const next = { tag, items: [event, ...before] }
  const status = { ...stream.status, tags: [...tags.filter((entry) => entry.tag !== tag), next] }
  await lab.client.update(imageStreams, namespace, { ...stream, status }, { subresource: 'status' })
}

/** Takes a tag away through the API. */
export async function dropTag(lab: RegistryLab, repository: string, tag: string): Promise<void> {
  const [namespace = '', name = ''] = repository.split('/')
  const stream = await lab.client.get(imageStreams, namespace, name)
  const tags = (stream.status.tags ?? []).filter((entry) => entry.tag !== tag)
  const next = { ...stream, status: { ...stream.status, tags } }
  await lab.client.update(imageStreams, namespace, next, { subresource: 'status' })
}

export function errorCodes(seen: LabResponse): string[] {
  return (seen.json() as { errors: { code: string }[] }).errors.map(({ code }) => code)
}
