import { createHash, randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  allKinds,
  type Image,
  type ImageStream,
  imageStreams,
  images,
  type Namespace,
  namespaces,
} from '../src/api/index.ts'
import { forEachOf } from '../src/client/prune/prune-run.ts'
import { ociManifest } from '../src/oci/index.ts'
import { createResources } from '../src/resources/resources.ts'
import { type Change, openSqliteStore, type Store } from '../src/store/index.ts'
import { writeBlob } from './fill-storage.ts'

const revisions = 10
const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** Content of the image's layers: three that the images of a stream share, and two of its own. */
function layersOf(n: number): string[] {
  const shared = Array.from({ length: 3 }, (_, layer) => `shared ${Math.floor(n / 10)} ${layer}`)
  return [...shared, ...Array.from({ length: 2 }, (_, layer) => `own ${n} ${layer}`)]
}

function imageOf(n: number): Image {
  return {
    metadata: { name: digest(`image ${n}`), annotations: { 'openshift.io/image.managed': 'true' } },
    dockerImageReference: `registry.example/bench/s${Math.floor(n / revisions)}@${digest(`image ${n}`)}`,
    dockerImageMetadata: { kind: 'DockerImage', apiVersion: '1.0', Id: digest(`config ${n}`), Size: 5000 },
    dockerImageMetadataVersion: '1.0',
    dockerImageManifestMediaType: ociManifest,
    dockerImageLayers: layersOf(n).map((text) => ({
      name: digest(text),
      size: 1000,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    })),
  }
}

/** What the registry keeps of a pushed image: its blobs, and that the repository has them. */
async function putContent(store: Store, dataDir: string, n: number): Promise<void> {
  const repository = `bench/s${Math.floor(n / revisions)}`
  const put = (key: string, value: object): Change => ({
    key,
    value: Buffer.from(JSON.stringify(value)),
    expect: 'any',
  })
  const changes = [...layersOf(n), `config ${n}`].flatMap((text) => {
    const blob = writeBlob(join(dataDir, 'blobs'), Buffer.from(text))
    return [
      put(`registry/links/${repository}/${blob.digest}`, { size: blob.size }),
      put(`registry/holders/${blob.digest}/${repository}`, {}),
    ]
  })
  const manifest = writeBlob(join(dataDir, 'blobs'), Buffer.from(`image ${n}`))
  const record = { mediaType: ociManifest, size: manifest.size }
  await store.commit([...changes, put(`registry/manifests/${repository}/${manifest.digest}`, record)])
}

function streamOf(n: number): ImageStream {
  const items = Array.from({ length: revisions }, (_, k) => ({
    created: '2026-01-01T00:00:00Z',
    dockerImageReference: `registry.example/bench/s${n}@${digest(`image ${n * revisions + k}`)}`,
    image: digest(`image ${n * revisions + k}`),
    generation: 1,
  }))
  return {
    metadata: { name: `s${n}`, namespace: 'bench' },
    spec: { lookupPolicy: { local: false } },
    status: { dockerImageRepository: '', tags: [{ tag: 'latest', items }] },
  } as ImageStream
}

/** A data directory with so many images, all of them old; with `blobs` as if they had been pushed. */
export async function fill(dataDir: string, size: number, { blobs = false } = {}): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  await using store = await openSqliteStore({
    file: join(dataDir, 'weir.db'),
    retention: { keepRevisions: 1000 },
  })
  const clock = () => new Date('2026-01-01T00:00:00Z')
  const { system } = createResources({
    kinds: allKinds,
    store,
    clock,
    randomUuid: randomUUID,
    random: Math.random,
  })
  await system.create(namespaces, '', { metadata: { name: 'bench' } } as Namespace)
  await forEachOf(Array(size).keys(), 64, async (n) => void (await system.create(images, '', imageOf(n))))
  await forEachOf(Array(size / revisions).keys(), 64, async (n) => {
    const made = await system.create(imageStreams, 'bench', streamOf(n))
    const { status } = streamOf(n)
    await system.update(imageStreams, 'bench', { ...made, status }, { subresource: 'status' })
  })
  if (blobs) await forEachOf(Array(size).keys(), 16, (n) => putContent(store, dataDir, n))
}
