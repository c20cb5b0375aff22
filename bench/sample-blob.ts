import { createHash, randomBytes } from 'node:crypto'

/** Bytes in pieces, with their digest. */
export interface SampleBlob {
  pieces: readonly Uint8Array[]
  digest: string
  size: number
}

const shared = randomBytes(1 << 20)

export function digestOf(pieces: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return `sha256:${hash.digest('hex')}`
}

/** A blob that nobody has seen: 64 random bytes, then as much of one shared block, again and again, as the size wants. */
export function createBlob(size: number): SampleBlob {
  const pieces: Uint8Array[] = [randomBytes(Math.min(64, size))]
  for (let rest = size - 64; rest > 0; rest -= shared.length)
    pieces.push(shared.subarray(0, Math.min(rest, shared.length)))
  return { pieces, digest: digestOf(pieces), size }
}

export interface SampleImage {
  layers: readonly SampleBlob[]
  config: SampleBlob
  /** JSON of the image manifest, and its media type. */
  manifest: string
  mediaType: string
}

/** An image of Docker's kind with that many layers, none of which is stored anywhere yet. */
export function createImage(layerCount: number, layerSize: number): SampleImage {
  const layers = Array.from({ length: layerCount }, () => createBlob(layerSize))
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
  const configText = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: '2024-01-01T00:00:00Z',
    config: { Env: ['PATH=/usr/bin'], Cmd: ['/bin/sh'] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map((_layer, index) => ({
      created: '2024-01-01T00:00:00Z',
      created_by: `step ${index}`,
    })),
  })
  const bytes = Buffer.from(configText)
  const config = { pieces: [bytes], digest: digestOf([bytes]), size: bytes.length }
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: config.size,
      digest: config.digest,
    },
    layers: layers.map(({ size, digest }) => ({
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
      size,
      digest,
    })),
  })
  return { layers, config, manifest, mediaType }
}
