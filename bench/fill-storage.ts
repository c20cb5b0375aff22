import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Change, Store } from '../src/store/index.ts'

/**
 * Writes images straight into a store and a folder of blobs, as many pushes would have left them: a manifest, a config and a layer
 * each, ten to a stream. And as many blobs that nothing refers to.
 */
export interface Filling {
  images: number
  garbage: number
  namespace: string
}

interface Blob {
  digest: string
  size: number
}

const perStream = 10
const perCommit = 100
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const configType = 'application/vnd.oci.image.config.v1+json'
const created = '2026-01-01T00:00:00Z'

export async function fillStorage(
  store: Store,
  blobsDir: string,
  { images, garbage, namespace }: Filling,
): Promise<void> {
  let changes: Change[] = []
  const put = (key: string, value: object): void => {
    changes.push({ key, value: Buffer.from(JSON.stringify(value)), expect: 'any' })
  }
  for (let first = 0; first < images; first += perStream) {
    const name = `app-${first / perStream}`
    const made = Array.from({ length: Math.min(perStream, images - first) }, (_, n) =>
      putImage(put, blobsDir, `${namespace}/${name}`, `image ${first + n}`),
    )
    put(`image.openshift.io/imagestreams/${namespace}/${name}`, streamOf(namespace, name, made))
    if (first % perCommit === 0) {
      await store.commit(changes)
      changes = []
    }
  }
  await store.commit(changes)
  for (let n = 0; n < garbage; n++) writeBlob(blobsDir, Buffer.from(`garbage ${n} ${'x'.repeat(1000)}`))
}

/** A file as the engine of files would have made it. */
export function writeBlob(dir: string, bytes: Buffer): Blob {
  const hex = createHash('sha256').update(bytes).digest('hex')
  const file = join(dir, 'blobs', 'sha256', hex.slice(0, 2), hex, 'data')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
  return { digest: `sha256:${hex}`, size: bytes.length }
}

type Put = (key: string, value: object) => void

function putImage(put: Put, dir: string, repository: string, seed: string): Blob {
  const config = writeBlob(dir, Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', seed })))
  const layer = writeBlob(dir, Buffer.from(`${seed} ${'l'.repeat(1000)}`))
  const document = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, ...config },
    layers: [{ mediaType: layerType, ...layer }],
  }
  const manifest = writeBlob(dir, Buffer.from(JSON.stringify(document)))
  for (const { digest, size } of [config, layer]) {
    put(`registry/links/${repository}/${digest}`, { size })
    put(`registry/holders/${digest}/${repository}`, {})
  }
  put(`registry/manifests/${repository}/${manifest.digest}`, { mediaType: manifestType, size: manifest.size })
  put(`image.openshift.io/images/${manifest.digest}`, imageOf(repository, manifest, config, layer))
  return manifest
}

/** As large as Images are that say something of themselves. */
function imageOf(repository: string, manifest: Blob, config: Blob, layer: Blob): object {
  return {
    metadata: {
      name: manifest.digest,
      uid: '00000000-0000-4000-8000-000000000000',
      creationTimestamp: created,
      annotations: {
        'openshift.io/image.managed': 'true',
        'image.openshift.io/dockerLayersOrder': 'ascending',
      },
    },
    dockerImageReference: `127.0.0.1:5000/${repository}@${manifest.digest}`,
    dockerImageMetadata: {
      kind: 'DockerImage',
      apiVersion: 'image.openshift.io/1.0',
      Id: config.digest,
      Created: created,
      Config: { Env: Array.from({ length: 20 }, (_, n) => `VARIABLE_${n}=${'value '.repeat(10)}`) },
      Architecture: 'amd64',
      Size: layer.size + config.size,
    },
    dockerImageMetadataVersion: '1.0',
    dockerImageLayers: [{ name: layer.digest, size: layer.size, mediaType: layerType }],
    dockerImageManifestMediaType: manifestType,
  }
}

function streamOf(namespace: string, name: string, manifests: readonly Blob[]): object {
  return {
    metadata: {
      name,
      namespace,
      uid: '00000000-0000-4000-8000-000000000001',
      creationTimestamp: created,
      generation: 1,
    },
    spec: { lookupPolicy: { local: false } },
    status: {
      dockerImageRepository: `127.0.0.1:5000/${namespace}/${name}`,
      tags: [
        {
          tag: 'latest',
          items: manifests.map(({ digest }) => ({
            created,
            dockerImageReference: `127.0.0.1:5000/${namespace}/${name}@${digest}`,
            image: digest,
            generation: 1,
          })),
        },
      ],
    },
  }
}
