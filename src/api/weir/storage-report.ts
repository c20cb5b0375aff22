import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, int64, list, omit, pointer, type Static } from '../../machinery/schema.ts'
import { inWeirGroup, weirSchemaName, weirStruct } from './group.ts'

export const projectStorageSchema = weirStruct('ProjectStorage', {
  project: always(goString(), { description: 'Name of the project.' }),
  streams: always(int64(), { description: 'Image streams of the project.' }),
  images: always(int64(), { description: 'Images in their histories, parts of indexes too.' }),
  bytes: always(int64(), { description: 'Bytes that these have in the storage, each blob once.' }),
  shared: always(int64(), { description: 'Bytes of these that images of other projects have as well.' }),
})
export type ProjectStorageEntry = Static<typeof projectStorageSchema>

export const storageReportStatusSchema = weirStruct('StorageReportStatus', {
  projects: omit(list(projectStorageSchema), { description: 'Every project that has an image stream.' }),
  stored: always(int64(), { description: 'Bytes of all blobs, without the trash.' }),
  unlisted: always(int64(), { description: 'Bytes of blobs that no image of any stream has.' }),
  trash: always(int64(), { description: 'Bytes in the trash.' }),
})
export type StorageReportStatus = Static<typeof storageReportStatusSchema>

export const storageReportSchema = objectSchema(
  'StorageReport',
  { status: pointer(storageReportStatusSchema) },
  {
    schemaName: weirSchemaName('StorageReport'),
    description: 'Asks what the images of each project take of the storage.',
  },
)
export type StorageReport = Static<typeof storageReportSchema>

export const storageReports = defineKind<StorageReport>({
  ...inWeirGroup,
  kind: 'StorageReport',
  plural: 'storagereports',
  namespaced: false,
  verbs: ['create'],
  stored: false,
  schema: storageReportSchema,
  schemaName: weirSchemaName('StorageReport'),
})
