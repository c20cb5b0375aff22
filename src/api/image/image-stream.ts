import {
  always,
  defineKind,
  formatLongAgeSince,
  goString,
  list,
  mergeBy,
  nameColumn,
  objectSchema,
  omit,
  pathSegmentProblems,
  type Static,
  struct,
} from '../../machinery/index.ts'
import { asRepository, formatExact, parseReference } from '../../oci/index.ts'
import { textColumn } from './columns.ts'
import { compareBytes } from './compare-bytes.ts'
import { imageSchemaName, inImageGroup } from './group.ts'
import { imageStreamLayersSchema } from './image-stream-layers.ts'
import { secretListSchema } from './secret-list.ts'
import { type NamedTagEventList, namedTagEventListSchema } from './tag-event.ts'
import {
  canonicalTagReference,
  type ImportMode,
  imageLookupPolicySchema,
  type TagReference,
  tagReferenceSchema,
} from './tag-reference.ts'
import { formatTagsCell } from './tags-cell.ts'

const imageStreamSpecSchema = struct('ImageStreamSpec', {
  lookupPolicy: always(imageLookupPolicySchema, {
    mandatory: false,
    description: 'Whether names in workloads may mean this stream.',
  }),
  dockerImageRepository: omit(goString(), {
    description: 'A repository elsewhere whose tags are imported once, when the stream is new.',
  }),
  tags: omit(list(tagReferenceSchema, mergeBy('name')), { description: 'What the tags should be, by name.' }),
})

const imageStreamStatusSchema = struct('ImageStreamStatus', {
  dockerImageRepository: always(goString(), {
    mandatory: false,
    description: 'Where images of this stream can be pulled from and pushed to inside.',
  }),
  publicDockerImageRepository: omit(goString(), { description: 'The same from outside.' }),
  tags: omit(list(namedTagEventListSchema, mergeBy('tag')), { description: 'History of each tag, by name.' }),
})

export const imageStreamSchema = objectSchema(
  'ImageStream',
  {
    spec: always(imageStreamSpecSchema, { mandatory: false, description: 'What the stream should be.' }),
    status: always(imageStreamStatusSchema, { mandatory: false, description: 'What the stream is.' }),
  },
  {
    description:
      'A set of tags, each with the history of the images that it stood for. Tags are filled by imports, by pushes to the integrated registry and from other tags.',
  },
)
export type ImageStream = Static<typeof imageStreamSchema>

/** A repository never prints with a tag or a digest. Text that does not parse is left alone. */
function canonicalRepository(repository: string): string {
  const reference = parseReference(repository)
  if (reference === undefined || (reference.tag === '' && reference.id === '')) return repository
  return formatExact(asRepository(reference))
}

/** The last of several entries with one name wins; sorted by name. The same list where it is so. */
function byName<T>(entries: readonly T[], name: (entry: T) => string): readonly T[] {
  if (isSorted(entries, name)) return entries
  const last = new Map(entries.map((entry) => [name(entry), entry]))
  return [...last.values()].sort((a, b) => compareBytes(name(a), name(b)))
}

/** Each once and in order, as all that is stored is. */
function isSorted<T>(entries: readonly T[], name: (entry: T) => string): boolean {
  return entries.every((entry, at) => at === 0 || compareBytes(name(entries[at - 1] as T), name(entry)) < 0)
}

/** As `map`; the same list, which is not to be changed, where each entry stays what it is. */
function mapKept<T>(entries: readonly T[], change: (entry: T) => T): T[] {
  const changed = entries.map(change)
  return changed.every((entry, at) => entry === entries[at]) ? (entries as T[]) : changed
}

/** Drops the key of an empty optional list. */
function optionalList<K extends string, T>(key: K, entries: readonly T[]): Partial<Record<K, T[]>> {
  return (entries.length === 0 ? {} : { [key]: entries }) as Partial<Record<K, T[]>>
}

/** The same list where it is canonical. */
export function canonicalSpecTags(tags: readonly TagReference[], defaultMode: ImportMode): TagReference[] {
  return mapKept(
    byName(tags, (tag) => tag.name ?? ''),
    (tag) => canonicalTagReference(tag, defaultMode),
  )
}

/** The same list where it is canonical. */
export function canonicalStatusTags(tags: readonly NamedTagEventList[]): NamedTagEventList[] {
  return mapKept(
    byName(tags, (tag) => tag.tag),
    canonicalTagHistory,
  )
}

function canonicalTagHistory(history: NamedTagEventList): NamedTagEventList {
  const { tag, items, conditions } = history
  const isCanonical =
    (items === null || items?.length > 0) && (conditions === undefined || conditions.length > 0)
  if (isCanonical) return history
  return {
    tag,
    items: items === null || items === undefined || items.length === 0 ? null : items,
    ...optionalList('conditions', conditions ?? []),
  }
}

/**
 * What every decode makes of a stream (image-api.md §4.1, §4.2): defaults, one entry a tag, tags in byte order. A tag in
 * `spec.dockerImageRepository` stays for validation to find.
 */
export function canonicalImageStream(stream: ImageStream, defaultMode: ImportMode = 'Legacy'): ImageStream {
  return {
    ...stream,
    metadata: stream.metadata ?? {},
    spec: canonicalSpec(stream.spec, defaultMode),
    status: canonicalStreamStatus(stream.status),
  }
}

function canonicalSpec(spec: ImageStream['spec'] | undefined, defaultMode: ImportMode): ImageStream['spec'] {
  const repository = spec?.dockerImageRepository ?? ''
  const tags = canonicalSpecTags(spec?.tags ?? [], defaultMode)
  const isCanonical =
    spec?.lookupPolicy?.local !== undefined &&
    spec.dockerImageRepository !== '' &&
    (spec.tags === undefined || (spec.tags === tags && tags.length > 0))
  if (isCanonical) return spec
  return {
    lookupPolicy: { local: spec?.lookupPolicy?.local ?? false },
    ...(repository === '' ? {} : { dockerImageRepository: repository }),
    ...optionalList('tags', tags),
  }
}

export function canonicalStreamStatus(status: ImageStream['status'] | undefined): ImageStream['status'] {
  const publicRepository = status?.publicDockerImageRepository ?? ''
  const repository = canonicalRepository(status?.dockerImageRepository ?? '')
  const tags = canonicalStatusTags(status?.tags ?? [])
  const isCanonical =
    status?.dockerImageRepository === repository &&
    status.publicDockerImageRepository !== '' &&
    (status.tags === undefined || (status.tags === tags && tags.length > 0))
  if (isCanonical) return status
  return {
    dockerImageRepository: repository,
    ...(publicRepository === '' ? {} : { publicDockerImageRepository: publicRepository }),
    ...optionalList('tags', tags),
  }
}

const streamNamePattern = '[a-z0-9]+(?:[._-][a-z0-9]+)*'
const streamNameShape = new RegExp(`^${streamNamePattern}$`)

/** image-api.md §5.1, the first three rows; prefixes for generated names are held to the same. */
export function streamNameProblems(name: string): string[] {
  const problems = pathSegmentProblems(name)
  if (problems.length > 0 || streamNameShape.test(name)) return problems
  return [`must match "${streamNamePattern}"`]
}

function newestCreated(stream: ImageStream): string | undefined {
  const times = (stream.status.tags ?? []).map((tag) => tag.items?.[0]?.created ?? '')
  return times.sort().at(-1)
}

export const imageStreams = defineKind<ImageStream>({
  ...inImageGroup,
  legacy: true,
  kind: 'ImageStream',
  plural: 'imagestreams',
  shortNames: ['is'],
  categories: ['all'],
  namespaced: true,
  requiresResourceVersion: true,
  storageVersionHash: 'mwmf9lCqOiA=',
  schema: imageStreamSchema,
  schemaName: imageSchemaName('ImageStream'),
  subresources: [
    { name: 'layers', kind: 'ImageStreamLayers', verbs: ['get'], schema: imageStreamLayersSchema },
    { name: 'secrets', kind: 'SecretList', verbs: ['get'], schema: secretListSchema },
    { name: 'status', kind: 'ImageStream', verbs: ['get', 'patch', 'update'] },
  ],
  columns: [
    nameColumn,
    textColumn({
      name: 'Image Repository',
      description:
        'dockerImageRepository represents the effective location this stream may be accessed at. May be empty until the server determines where the repository is located',
      value: ({ spec, status }) =>
        status.publicDockerImageRepository || spec.dockerImageRepository || status.dockerImageRepository,
    }),
    textColumn({
      name: 'Tags',
      description: 'Human readable list of tags.',
      value: ({ status }) => formatTagsCell(status.tags ?? []),
    }),
    textColumn({
      name: 'Updated',
      description: 'Last update time.',
      value: (stream, now) => formatLongAgeSince(newestCreated(stream), now),
    }),
  ],
  fieldSelectors: {
    'spec.dockerImageRepository': ({ spec }) => spec.dockerImageRepository ?? '',
    'status.dockerImageRepository': ({ status }) => status.dockerImageRepository,
  },
  hooks: { validateName: streamNameProblems },
})
