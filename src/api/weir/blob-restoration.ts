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

export const blobRestorationSpecSchema = weirStruct('BlobRestorationSpec', {
  digest: always(goString(), {
    description: 'Digest of a blob in the trash; of a manifest, for a whole image.',
  }),
  to: omit(goString({ description: 'namespace/stream:tag that becomes the image.' })),
})
export type BlobRestorationSpec = Static<typeof blobRestorationSpecSchema>

export const restoredBlobSchema = weirStruct('RestoredBlob', {
  digest: always(goString(), { description: 'Digest of the blob.' }),
  size: always(int64(), { description: 'Bytes of the blob.' }),
})
export type RestoredBlob = Static<typeof restoredBlobSchema>

export const blobRestorationStatusSchema = weirStruct('BlobRestorationStatus', {
  restored: omit(list(restoredBlobSchema), { description: 'What came back from the trash.' }),
  missing: omit(list(goString()), { description: 'What the manifest needs and is gone for good.' }),
  manifest: always(goBool(), { description: 'Whether it is a manifest, and all that it needs came along.' }),
  held: always(goBool(), { description: 'Whether something refers to it now.' }),
  until: omit(time({ description: 'Until when it stays at least, when nothing refers to it.' })),
})
export type BlobRestorationStatus = Static<typeof blobRestorationStatusSchema>

export const blobRestorationSchema = objectSchema(
  'BlobRestoration',
  {
    spec: always(blobRestorationSpecSchema),
    status: pointer(blobRestorationStatusSchema),
  },
  {
    schemaName: weirSchemaName('BlobRestoration'),
    description: 'Brings a blob back from the trash, and with a manifest all that it needs.',
  },
)
export type BlobRestoration = Static<typeof blobRestorationSchema>

export const blobRestorations = defineKind<BlobRestoration>({
  ...inWeirGroup,
  kind: 'BlobRestoration',
  plural: 'blobrestorations',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: blobRestorationSchema,
  schemaName: weirSchemaName('BlobRestoration'),
})
