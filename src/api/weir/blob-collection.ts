import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  goBool,
  goString,
  int64,
  list,
  omit,
  pointer,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { inWeirGroup, weirSchemaName, weirStruct } from './group.ts'

export const blobTallySchema = weirStruct('BlobTally', {
  blobs: always(int64(), { mandatory: false, description: 'How many.' }),
  bytes: always(int64(), { mandatory: false, description: 'Bytes that they have together.' }),
})
export type BlobTally = Static<typeof blobTallySchema>

export const blobActionSchema = weirStruct('BlobAction', {
  digest: always(goString(), { description: 'Digest of the blob.' }),
  size: always(int64(), { description: 'Bytes of the blob.' }),
  action: always(goString(), {
    description: 'discard: moved into the trash; restore: brought back from it; delete: gone for good.',
  }),
})
export type BlobActionEntry = Static<typeof blobActionSchema>

export const blobCollectionSpecSchema = weirStruct('BlobCollectionSpec', {
  dryRun: omit(goBool({ description: 'Say what would be done, and do nothing.' })),
  emptyTrash: omit(
    goBool({ description: 'Delete what is in the trash, however short a while it has been there.' }),
  ),
})
export type BlobCollectionSpec = Static<typeof blobCollectionSpecSchema>

export const blobCollectionStatusSchema = weirStruct('BlobCollectionStatus', {
  started: omit(time({ description: 'When it began.' })),
  finished: omit(time({ description: 'When it was over.' })),
  images: always(int64(), { mandatory: false, description: 'Images that were looked at.' }),
  streams: always(int64(), { mandatory: false, description: 'Image streams that were looked at.' }),
  kept: always(int64(), { mandatory: false, description: 'Blobs that something refers to.' }),
  waiting: always(int64(), {
    mandatory: false,
    description: 'Blobs that nothing refers to, in use a short while ago.',
  }),
  discarded: always(blobTallySchema, { mandatory: false, description: 'Moved into the trash.' }),
  restored: always(blobTallySchema, { mandatory: false, description: 'Brought back from the trash.' }),
  deleted: always(blobTallySchema, { mandatory: false, description: 'Gone for good.' }),
  trash: always(blobTallySchema, { mandatory: false, description: 'In the trash afterwards.' }),
  records: always(int64(), {
    mandatory: false,
    description: 'Records of manifests that were dropped, for their bytes are gone.',
  }),
  actions: omit(list(blobActionSchema), {
    description: 'What was done to which blob; the first ten thousand.',
  }),
})
export type BlobCollectionStatus = Static<typeof blobCollectionStatusSchema>

export const blobCollectionSchema = objectSchema(
  'BlobCollection',
  {
    spec: always(blobCollectionSpecSchema, { mandatory: false }),
    status: pointer(blobCollectionStatusSchema),
  },
  {
    schemaName: weirSchemaName('BlobCollection'),
    description:
      'Collects the blobs that nothing refers to. Creating one does it; the answer says what was done.',
  },
)
export type BlobCollection = Static<typeof blobCollectionSchema>

export const blobCollections = defineKind<BlobCollection>({
  ...inWeirGroup,
  kind: 'BlobCollection',
  plural: 'blobcollections',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: blobCollectionSchema,
  schemaName: weirSchemaName('BlobCollection'),
})
