import { createHash } from 'node:crypto'
import type { Digest } from '../../oci/digest.ts'
import {
  dockerConfig,
  dockerManifest,
  dockerManifestList,
  ociConfig,
  ociIndex,
  ociManifest,
} from '../../oci/media-types.ts'

/** Small images with the same bytes each time, and a pusher that speaks just enough of the protocol. */

export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest
}

export interface TestBlob {
  digest: Digest
  bytes: Buffer
}

export interface TestManifest {
  digest: Digest
  mediaType: string
  bytes: Buffer
}

export interface TestImage extends TestManifest {
  config: TestBlob
  layers: TestBlob[]
  architecture: string
  os: string
}

function toBlob(content: string): TestBlob {
  const bytes = Buffer.from(content)
  return { digest: digestOf(bytes), bytes }
}

export interface ImageOptions {
  architecture?: string
  os?: string
  docker?: boolean
  labels?: Record<string, string>
}

/** Two layers; different seeds give different images. */
export function makeImage(seed: string, options: ImageOptions = {}): TestImage {
  const { architecture = 'amd64', os = 'linux', docker = false, labels } = options
  const layers = [
    toBlob(`base of ${seed}\n`.repeat(20)),
    toBlob(`top of ${seed} for ${architecture}\n`.repeat(30)),
  ]
  const settings = { Cmd: ['/bin/sh'], ...(labels === undefined ? {} : { Labels: labels }) }
  const config = toBlob(
    JSON.stringify({
      architecture,
      os,
      created: '2016-01-26T21:07:27Z',
      config: settings,
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    }),
  )
  const mediaType = docker ? dockerManifest : ociManifest
  const layerType = docker
    ? 'application/vnd.docker.image.rootfs.diff.tar.gzip'
    : 'application/vnd.oci.image.layer.v1.tar+gzip'
  const body = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: docker ? dockerConfig : ociConfig,
      size: config.bytes.length,
      digest: config.digest,
    },
    layers: layers.map(({ digest, bytes }) => ({ mediaType: layerType, size: bytes.length, digest })),
  }
  const bytes = Buffer.from(JSON.stringify(body, null, 3))
  return { digest: digestOf(bytes), mediaType, bytes, config, layers, architecture, os }
}

export function makeIndex(images: readonly TestImage[], docker = false): TestManifest {
  const mediaType = docker ? dockerManifestList : ociIndex
  const manifests = images.map(({ digest, bytes, mediaType: type, architecture, os }) => ({
    mediaType: type,
    size: bytes.length,
    digest,
    platform: { architecture, os },
  }))
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }))
  return { digest: digestOf(bytes), mediaType, bytes }
}

export interface PushTarget {
  /** `http://127.0.0.1:5000` */
  url: string
  repository: string
  /** `user:password` */
  login?: string
}

async function call(
  target: PushTarget,
  method: string,
  path: string,
  body?: Buffer,
  type?: string,
): Promise<Response> {
  const response = await fetch(new URL(path, target.url), {
    method,
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    headers: {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(target.login === undefined ? {} : { authorization: `Basic ${btoa(target.login)}` }),
    },
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  await response.arrayBuffer()
  return response
}

export async function pushBlob(target: PushTarget, blob: TestBlob): Promise<void> {
  const started = await call(target, 'POST', `/v2/${target.repository}/blobs/uploads/`)
  const location = new URL(started.headers.get('location') ?? '', target.url)
  location.searchParams.set('digest', blob.digest)
  await call(target, 'PUT', location.href, blob.bytes, 'application/octet-stream')
}

export async function pushManifest(target: PushTarget, tag: string, manifest: TestManifest): Promise<void> {
  await call(target, 'PUT', `/v2/${target.repository}/manifests/${tag}`, manifest.bytes, manifest.mediaType)
}

export async function pushImage(target: PushTarget, tag: string, image: TestImage): Promise<void> {
  for (const blob of [image.config, ...image.layers]) await pushBlob(target, blob)
  await pushManifest(target, tag, image)
}
