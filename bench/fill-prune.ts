import { createHash, randomUUID } from 'node:crypto'
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
import { openSqliteStore } from '../src/store/index.ts'

const revisions = 10
const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

function imageOf(n: number): Image {
  const shared = Array.from({ length: 3 }, (_, layer) => `shared ${Math.floor(n / 10)} ${layer}`)
  const own = Array.from({ length: 2 }, (_, layer) => `own ${n} ${layer}`)
  return {
    metadata: { name: digest(`image ${n}`), annotations: { 'openshift.io/image.managed': 'true' } },
    dockerImageReference: `registry.example/bench/s${Math.floor(n / revisions)}@${digest(`image ${n}`)}`,
    dockerImageMetadata: { kind: 'DockerImage', apiVersion: '1.0', Id: digest(`config ${n}`), Size: 5000 },
    dockerImageMetadataVersion: '1.0',
    dockerImageManifestMediaType: ociManifest,
    dockerImageLayers: [...shared, ...own].map((text) => ({
      name: digest(text),
      size: 1000,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    })),
  }
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

/** A data directory with so many images, all of them old. */
export async function fill(dataDir: string, size: number): Promise<void> {
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
}
