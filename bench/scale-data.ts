import { createHash } from 'node:crypto'
import { type Change, openSqliteStore } from '../src/store/index.ts'

export interface ScaleSize {
  streams: number
  /** Of each stream; every one has an image of its own. */
  tags: number
  streamsInNamespace: number
}

/** How the registry of the filled server is called, so that what is stored is what is shown. */
export const scaleRegistry = 'registry.bench:5000'

const created = '2026-01-01T12:00:00Z'
const group = 'image.openshift.io'
/** Changes in one commit, and commits under way at once: one sync serves them all. */
const inCommit = 400
const commitsAtOnce = 16

export const namespaceOf = ({ streamsInNamespace }: ScaleSize, stream: number): string =>
  `scale-${Math.floor(stream / streamsInNamespace)}`

export const streamName = (stream: number): string => `s-${stream}`

/** The image of a stream's tag. */
export const imageOf = (stream: number, tag: number): string =>
  `sha256:${createHash('sha256').update(`${stream}/${tag}`).digest('hex')}`

/** An id in the form of a UUID that is the same in every run. */
function uidOf(name: string): string {
  const hex = createHash('md5').update(name).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
const put = (key: string, value: unknown): Change => ({ key, value: encode(value), expect: 'absent' })

function namespaceChange(name: string): Change {
  const metadata = { name, uid: uidOf(name), creationTimestamp: created }
  const spec = { finalizers: ['kubernetes'] }
  return put(`core/namespaces/${name}`, { metadata, spec, status: { phase: 'Active' } })
}

function streamChange(size: ScaleSize, stream: number): Change {
  const namespace = namespaceOf(size, stream)
  const name = streamName(stream)
  const repository = `${scaleRegistry}/${namespace}/${name}`
  const tags = Array.from({ length: size.tags }, (_empty, tag) => {
    const image = imageOf(stream, tag)
    const item = { created, dockerImageReference: `${repository}@${image}`, image, generation: 1 }
    return { tag: `t${tag}`, items: [item] }
  })
  const spec = tags.map(({ tag, items: [item] }) => ({
    name: tag,
    annotations: null,
    from: { kind: 'ImageStreamImage', name: `${name}@${item?.image}` },
    generation: 1,
    importPolicy: { importMode: 'Legacy' },
    referencePolicy: { type: 'Source' },
  }))
  return put(`${group}/imagestreams/${namespace}/${name}`, {
    metadata: { name, namespace, uid: uidOf(repository), creationTimestamp: created, generation: 1 },
    spec: { lookupPolicy: { local: false }, tags: spec },
    status: { dockerImageRepository: repository, tags },
  })
}

function imageChange(size: ScaleSize, stream: number, tag: number): Change {
  const name = imageOf(stream, tag)
  const digest = (part: string) =>
    `sha256:${createHash('sha256')
      .update(`${part} ${stream % 100}`)
      .digest('hex')}`
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'
  return put(`${group}/images/${name}`, {
    metadata: {
      name,
      annotations: {
        'openshift.io/image.managed': 'true',
        'image.openshift.io/manifestBlobStored': 'true',
        'image.openshift.io/dockerLayersOrder': 'ascending',
      },
      uid: uidOf(name),
      creationTimestamp: created,
    },
    dockerImageReference: `${scaleRegistry}/${namespaceOf(size, stream)}/${streamName(stream)}@${name}`,
    dockerImageMetadata: {
      kind: 'DockerImage',
      apiVersion: `${group}/1.0`,
      Id: digest('config'),
      Created: created,
      ContainerConfig: {},
      Config: { Cmd: ['/app'], Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'] },
      Architecture: 'amd64',
      Size: 1437,
    },
    dockerImageMetadataVersion: '1.0',
    dockerImageLayers: ['a', 'b', 'c'].map((layer) => ({ name: digest(layer), size: 500, mediaType })),
    dockerImageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
  })
}

function* changesOf(size: ScaleSize): Generator<Change> {
  for (let stream = 0; stream < size.streams; stream++) {
    if (stream % size.streamsInNamespace === 0) yield namespaceChange(namespaceOf(size, stream))
    yield streamChange(size, stream)
    for (let tag = 0; tag < size.tags; tag++) yield imageChange(size, stream, tag)
  }
}

/** Writes namespaces, streams and their images straight into the store of a server that is not running. */
export async function fillStore(file: string, size: ScaleSize): Promise<void> {
  await using store = await openSqliteStore({ file, cacheBytes: 1 })
  const changes = changesOf(size)
  const work = async (): Promise<void> => {
    for (let commit = take(changes); commit.length > 0; commit = take(changes)) await store.commit(commit)
  }
  await Promise.all(Array.from({ length: commitsAtOnce }, work))
}

function take(changes: Iterator<Change>): Change[] {
  const taken: Change[] = []
  while (taken.length < inCommit) {
    const { done, value } = changes.next()
    if (done) break
    taken.push(value)
  }
  return taken
}
