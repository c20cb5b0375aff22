import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  goString,
  int32,
  int64,
  list,
  omit,
  pointer,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { inWeirGroup, weirSchemaName, weirStruct } from './group.ts'

export const holdingTagSchema = weirStruct('HoldingTag', {
  stream: always(goString(), { description: 'Namespace and name of the image stream.' }),
  tag: always(goString(), { description: 'The tag.' }),
  revision: always(int32(), { description: 'Place in its history; 1 is what the tag means now.' }),
  since: omit(goString({ description: 'When the tag was moved to the image.' })),
})
export type HoldingTagEntry = Static<typeof holdingTagSchema>

export const blobHolderSchema = weirStruct('BlobHolder', {
  image: always(goString(), { description: 'Name of the Image.' }),
  role: always(goString(), {
    description:
      'What the blob is to the Image: manifest, layer, config, child; index: the Image lists one that has it; history: tags name it, but there is no Image; unread: a manifest that no Image describes needs it.',
  }),
  tags: omit(list(holdingTagSchema), { description: 'Tags that have the Image in their history.' }),
})
export type BlobHolderEntry = Static<typeof blobHolderSchema>

export const blobReviewSpecSchema = weirStruct('BlobReviewSpec', {
  digest: always(goString(), { description: 'Digest of the blob.' }),
})
export type BlobReviewSpec = Static<typeof blobReviewSpecSchema>

export const blobReviewStatusSchema = weirStruct('BlobReviewStatus', {
  state: always(goString(), { description: 'stored, discarded (in the trash) or absent.' }),
  size: always(int64(), { description: 'Bytes of the blob.' }),
  verdict: always(goString(), {
    description:
      'What a collection would do with it now: keep, wait, discard, restore or delete; none: nothing.',
  }),
  reason: omit(
    goString({
      description:
        'Why it waits: recent (somebody asked for it), push (its repository is being pushed to), young (written a short while ago), trash.',
    }),
  ),
  until: omit(time({ description: 'Until when it waits at least.' })),
  images: always(int64(), { description: 'How many Images hold it.' }),
  holders: omit(list(blobHolderSchema), { description: 'What holds it; the first hundred.' }),
  repositories: omit(list(goString()), { description: 'Repositories that have it.' }),
  lastUse: omit(
    time({ description: 'When somebody asked for it or stored it, if that was a short while ago.' }),
  ),
  discarded: omit(time({ description: 'When it was moved into the trash.' })),
  prunedFrom: omit(list(goString()), { description: 'Repositories that a pruner took it from.' }),
})
export type BlobReviewStatus = Static<typeof blobReviewStatusSchema>

export const blobReviewSchema = objectSchema(
  'BlobReview',
  {
    spec: always(blobReviewSpecSchema),
    status: pointer(blobReviewStatusSchema),
  },
  {
    schemaName: weirSchemaName('BlobReview'),
    description: 'Asks what holds a blob, or why it may go.',
  },
)
export type BlobReview = Static<typeof blobReviewSchema>

export const blobReviews = defineKind<BlobReview>({
  ...inWeirGroup,
  kind: 'BlobReview',
  plural: 'blobreviews',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: blobReviewSchema,
  schemaName: weirSchemaName('BlobReview'),
})
