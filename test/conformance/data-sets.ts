import { randomBytes } from 'node:crypto'
import { type Algorithm, digestOf } from './wire.ts'

/** Item 4 of registry.md §9: kinds of content that a registry takes, whatever it thinks of them. */

export interface Blob {
  bytes: Uint8Array
  digest: string
}

export interface ManifestItem {
  bytes: Uint8Array
  digest: string
  mediaType: string
  /** Pushed under its digest first, then under each of these. */
  tags: string[]
  /** Digest of the subject. */
  subject?: string
  /** Extra parameters of the push by digest (end-7b). */
  tagParameters?: string[]
}

export interface DataSet {
  name: string
  algorithm: Algorithm
  blobs: Blob[]
  manifests: ManifestItem[]
  /** By subject: what its list of referrers must hold. */
  referrers: Record<string, Descriptor[]>
}

export interface Descriptor {
  mediaType: string
  digest: string
  size: number
  artifactType?: string
  annotations?: Record<string, string>
  data?: string
}

const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const ociIndex = 'application/vnd.oci.image.index.v1+json'
const configType = 'application/vnd.oci.image.config.v1+json'
const gzipLayer = 'application/vnd.oci.image.layer.v1.tar+gzip'
const plainLayer = 'application/vnd.oci.image.layer.v1.tar'
const emptyType = 'application/vnd.oci.empty.v1+json'

interface Extra {
  tags?: string[]
  subject?: ManifestItem
  artifactType?: string
  annotations?: Record<string, string>
  [field: string]: unknown
}

/** Collects what a data set consists of, in the order of pushing. */
class Builder {
  readonly blobs: Blob[] = []
  readonly manifests: ManifestItem[] = []
  readonly referrers: Record<string, Descriptor[]> = {}
  readonly algorithm: Algorithm

  constructor(algorithm: Algorithm = 'sha256') {
    this.algorithm = algorithm
  }

  blob(bytes: Uint8Array, mediaType: string): Descriptor {
    const digest = digestOf(bytes, this.algorithm)
    if (!this.blobs.some((blob) => blob.digest === digest)) this.blobs.push({ bytes, digest })
    return { mediaType, digest, size: bytes.length }
  }

  config(): Descriptor {
    const config = {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [] },
      id: random(),
    }
    return this.blob(Buffer.from(JSON.stringify(config)), configType)
  }

  layer(mediaType = gzipLayer): Descriptor {
    return this.blob(randomBytes(2000), mediaType)
  }

  emptyJson(): Descriptor {
    return this.blob(Buffer.from('{}'), emptyType)
  }

  private add(mediaType: string, document: object, { tags = [], subject }: Extra): ManifestItem {
    const bytes = Buffer.from(JSON.stringify(document))
    const item: ManifestItem = {
      bytes,
      digest: digestOf(bytes, this.algorithm),
      mediaType,
      tags,
      ...(subject === undefined ? {} : { subject: subject.digest }),
    }
    this.manifests.push(item)
    return item
  }

  image(config: Descriptor, layers: Descriptor[], extra: Extra = {}): ManifestItem {
    const { tags: _tags, subject, ...fields } = extra
    const document = {
      schemaVersion: 2,
      mediaType: ociManifest,
      config,
      layers,
      ...fields,
      ...(subject === undefined ? {} : { subject: toDescriptor(subject) }),
    }
    return this.noteReferrer(this.add(ociManifest, document, extra), extra, config.mediaType)
  }

  index(children: (ManifestItem | Descriptor)[], extra: Extra = {}): ManifestItem {
    const { tags: _tags, subject, ...fields } = extra
    const document = {
      schemaVersion: 2,
      mediaType: ociIndex,
      manifests: children.map((child) => ('bytes' in child ? toDescriptor(child) : child)),
      ...fields,
      ...(subject === undefined ? {} : { subject: toDescriptor(subject) }),
    }
    return this.noteReferrer(this.add(ociIndex, document, extra), extra, undefined)
  }

  private noteReferrer(item: ManifestItem, extra: Extra, fallbackType: string | undefined): ManifestItem {
    if (item.subject === undefined) return item
    const artifactType = extra.artifactType ?? fallbackType
    const list = this.referrers[item.subject] ?? []
    list.push({
      ...toDescriptor(item),
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(extra.annotations === undefined ? {} : { annotations: extra.annotations }),
    })
    this.referrers[item.subject] = list
    return item
  }

  build(name: string): DataSet {
    const { algorithm, blobs, manifests, referrers } = this
    return { name, algorithm, blobs, manifests, referrers }
  }
}

const random = (): string => randomBytes(6).toString('hex')

function toDescriptor({ mediaType, digest, bytes }: ManifestItem): Descriptor {
  return { mediaType, digest, size: bytes.length }
}

function simpleImage(builder: Builder, extra: Extra = {}): ManifestItem {
  return builder.image(builder.config(), [builder.layer(), builder.layer()], extra)
}

function twoPlatforms(builder: Builder, extra: Extra = {}): ManifestItem {
  return builder.index([simpleImage(builder), simpleImage(builder)], extra)
}

const makers: Record<string, (builder: Builder) => void> = {
  image: (b) => void simpleImage(b, { tags: ['image', 'image-2', 'image-3'] }),
  'image-uncompressed': (b) =>
    void b.image(b.config(), [b.layer(plainLayer)], { tags: ['image-uncompressed'] }),
  'large-manifest': (b) => {
    const annotations: Record<string, string> = {}
    for (let n = 0; n < 390; n++) annotations[`test.example/${n}`] = 'x'.repeat(10_000)
    simpleImage(b, { tags: ['large-manifest'], annotations })
  },
  index: (b) => void twoPlatforms(b, { tags: ['index'] }),
  'nested-index': (b) => void b.index([twoPlatforms(b), simpleImage(b)], { tags: ['nested-index'] }),
  'empty-index': (b) => void b.index([], { tags: ['empty-index'], annotations: { id: random() } }),
  artifact: (b) =>
    void b.image(b.emptyJson(), [b.layer('application/vnd.example.oci.conformance')], {
      tags: ['artifact'],
      artifactType: 'application/vnd.example.oci.conformance',
    }),
  'artifact-index': (b) => {
    const artifactType = 'application/vnd.example.oci.conformance'
    const one = b.image(b.emptyJson(), [b.layer('text/plain')], { artifactType })
    const two = b.image(b.emptyJson(), [b.layer('text/plain')], { artifactType })
    b.index([one, two], { tags: ['artifact-index'], artifactType })
  },
  'artifact-without-layers': (b) =>
    void b.image(b.emptyJson(), [b.emptyJson()], {
      tags: ['artifact-without-layers'],
      artifactType: 'application/vnd.example.oci.conformance',
      annotations: { id: random() },
    }),
  'artifacts-with-subject': (b) => {
    const subject = simpleImage(b, { tags: ['with-referrers'] })
    const type = (n: number) => `application/vnd.example.oci.conformance.${n}`
    for (const n of [1, 2]) {
      const annotations = { 'test.example/n': String(n), id: random() }
      b.image(b.emptyJson(), [b.emptyJson()], { subject, artifactType: type(n), annotations })
    }
    b.image(b.config(), [b.layer()], { subject, annotations: { plain: 'yes' } })
  },
  'index-with-subject': (b) => {
    const subject = simpleImage(b, { tags: ['with-index-referrer'] })
    twoPlatforms(b, { subject, artifactType: 'application/vnd.example.index', annotations: { a: 'b' } })
  },
  'missing-subject': (b) => {
    const missing = simpleImage(new Builder())
    const artifactType = 'application/vnd.example.oci.conformance'
    b.image(b.emptyJson(), [b.emptyJson()], { subject: missing, artifactType, tags: ['missing-subject'] })
  },
  'data-field': (b) => {
    const data = Buffer.from('{}').toString('base64')
    b.image({ ...b.emptyJson(), data }, [{ ...b.emptyJson(), data }], {
      tags: ['data-field'],
      artifactType: 'application/vnd.example.data',
      annotations: { id: random() },
    })
  },
  'non-distributable-layers': (b) => {
    const elsewhere = (): Descriptor => ({
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: digestOf(randomBytes(8)),
      size: 123_456,
    })
    b.image(b.config(), [elsewhere(), elsewhere(), b.layer()], { tags: ['non-distributable'] })
  },
  'custom-fields': (b) => {
    const odd = { 'org.example.odd': { nested: [1, 2, { three: null }] } }
    b.image({ ...b.config(), ...odd } as Descriptor, [{ ...b.layer(), ...odd } as Descriptor], {
      tags: ['custom-fields'],
      ...odd,
    })
  },
  'no-layers': (b) => void b.image(b.config(), [], { tags: ['no-layers'] }),
}

/** Tags with characters of every class. */
function sha512Set(): DataSet {
  const builder = new Builder('sha512')
  builder.index([simpleImage(builder), simpleImage(builder)])
  return builder.build('sha512')
}

function tagParameterSet(algorithm: Algorithm): DataSet {
  const builder = new Builder(algorithm)
  const image = simpleImage(builder)
  image.tagParameters = Array.from({ length: 10 }, (_, n) => `param-${algorithm}-${n}`)
  return builder.build(`tag-param-${algorithm}`)
}

export function makeDataSets(): DataSet[] {
  const sets = Object.entries(makers).map(([name, make]) => {
    const builder = new Builder()
    make(builder)
    return builder.build(name)
  })
  return [...sets, sha512Set(), tagParameterSet('sha256'), tagParameterSet('sha512')]
}
