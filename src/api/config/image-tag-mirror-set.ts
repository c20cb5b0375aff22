import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, list, omit, pointer, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn } from '../common/columns.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { statusOf } from '../common/subresources.ts'
import { mirrorErrors } from './validate-mirrors.ts'

const struct = structIn('io.openshift.config.v1')

export const imageTagMirrorsSchema = struct('ImageTagMirrors', {
  source: always(goString()),
  mirrors: omit(list(goString())),
  mirrorSourcePolicy: omit(goString()),
})
export type ImageTagMirrors = Static<typeof imageTagMirrorsSchema>

export const imageTagMirrorSetSpecSchema = struct('ImageTagMirrorSetSpec', {
  imageTagMirrors: omit(list(imageTagMirrorsSchema)),
})
export type ImageTagMirrorSetSpec = Static<typeof imageTagMirrorSetSpecSchema>

export const imageTagMirrorSetStatusSchema = struct('ImageTagMirrorSetStatus', {})
export type ImageTagMirrorSetStatus = Static<typeof imageTagMirrorSetStatusSchema>

export const imageTagMirrorSetSchema = objectSchema(
  'ImageTagMirrorSet',
  {
    spec: always(imageTagMirrorSetSpecSchema),
    status: pointer(imageTagMirrorSetStatusSchema),
  },
  {
    schemaName: 'io.openshift.config.v1.ImageTagMirrorSet',
    description: 'Where images may be pulled from instead, if they are named by tag.',
  },
)
export type ImageTagMirrorSet = Static<typeof imageTagMirrorSetSchema>

export const imageTagMirrorSets = defineKind<ImageTagMirrorSet>({
  group: 'config.openshift.io',
  version: 'v1',
  kind: 'ImageTagMirrorSet',
  plural: 'imagetagmirrorsets',
  namespaced: false,
  storageVersionHash: '4StnNv6vobU=',
  subresources: [statusOf('ImageTagMirrorSet')],
  schema: imageTagMirrorSetSchema,
  schemaName: 'io.openshift.config.v1.ImageTagMirrorSet',
  columns: [nameColumn, ageColumn()],
  hooks: plainHooks<ImageTagMirrorSet>({
    validate: ({ spec }) => mirrorErrors(spec.imageTagMirrors ?? [], 'spec.imageTagMirrors'),
  }),
})
