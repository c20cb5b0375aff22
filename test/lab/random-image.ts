import { createHash } from 'node:crypto'
import { type Digest, ociConfig, ociIndex, ociManifest } from '../../src/oci/index.ts'

/** Content for stories: the same bytes for the same seed, each time and everywhere. */

export interface TestBlob {
  digest: Digest
  bytes: Buffer
  mediaType: string
}

export interface TestImage extends TestBlob {
  config: TestBlob
  layers: TestBlob[]
}

const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest
}

export function toBlob(bytes: Buffer, mediaType: string): TestBlob {
  return { digest: digestOf(bytes), bytes, mediaType }
}

export function descriptorOf({ digest, bytes, mediaType }: TestBlob) {
  return { mediaType, digest, size: bytes.length }
}

/** `size` bytes that follow from the seed and look like noise. */
export function noise(seed: string, size: number): Buffer {
  const parts: Buffer[] = []
  for (let n = 0; n * 64 < size; n++) parts.push(createHash('sha512').update(`${seed} ${n}`).digest())
  return Buffer.concat(parts).subarray(0, size)
}

/** An image of two layers. Images of different seeds share nothing. */
export function randomImage(
  seed: string,
  options: { architecture?: string; layerSize?: number } = {},
): TestImage {
  const { architecture = 'amd64', layerSize = 500 } = options
  const layers = ['base', 'top'].map((name) => toBlob(noise(`${seed} ${name}`, layerSize), layerType))
  const config = toBlob(
    json({
      architecture,
      os: 'linux',
      created: '2025-01-01T00:00:00Z',
      config: { Cmd: ['/app'], Labels: { seed } },
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    }),
    ociConfig,
  )
  const manifest = {
    schemaVersion: 2,
    mediaType: ociManifest,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  }
  return { ...toBlob(json(manifest), ociManifest), config, layers }
}

/** Indented by hand-chosen blanks, so that a server which writes the document anew is found out. */
function json(document: object): Buffer {
  return Buffer.from(`${JSON.stringify(document, null, 3)}\n`)
}

/** An index over the images, one for each platform. */
export function indexOf(images: Readonly<Record<string, TestBlob>>): TestBlob {
  const manifests = Object.entries(images).map(([architecture, image]) => ({
    ...descriptorOf(image),
    platform: { architecture, os: 'linux' },
  }))
  return toBlob(json({ schemaVersion: 2, mediaType: ociIndex, manifests }), ociIndex)
}

/** An artifact after the OCI guidelines: the empty config, one blob, a type of its own. */
export function artifactOf(seed: string): TestImage {
  const config = toBlob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json')
  const layers = [toBlob(noise(seed, 300), 'application/vnd.example.report')]
  const manifest = {
    schemaVersion: 2,
    mediaType: ociManifest,
    artifactType: 'application/vnd.example.report.v1',
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
    annotations: { 'org.example.seed': seed },
  }
  return { ...toBlob(json(manifest), ociManifest), config, layers }
}
