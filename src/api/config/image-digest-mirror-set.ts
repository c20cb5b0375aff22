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

export const imageDigestMirrorsSchema = struct('ImageDigestMirrors', {
  source: always(goString()),
  mirrors: omit(list(goString())),
  mirrorSourcePolicy: omit(goString()),
})
export type ImageDigestMirrors = Static<typeof imageDigestMirrorsSchema>

export const imageDigestMirrorSetSpecSchema = struct('ImageDigestMirrorSetSpec', {
  imageDigestMirrors: omit(list(imageDigestMirrorsSchema)),
})
export type ImageDigestMirrorSetSpec = Static<typeof imageDigestMirrorSetSpecSchema>

export const imageDigestMirrorSetStatusSchema = struct('ImageDigestMirrorSetStatus', {})
export type ImageDigestMirrorSetStatus = Static<typeof imageDigestMirrorSetStatusSchema>

export const imageDigestMirrorSetSchema = objectSchema(
  'ImageDigestMirrorSet',
  {
    spec: always(imageDigestMirrorSetSpecSchema),
    status: pointer(imageDigestMirrorSetStatusSchema),
  },
  {
    schemaName: 'io.openshift.config.v1.ImageDigestMirrorSet',
    description: 'Where images may be pulled from instead, if they are named by digest.',
  },
)
export type ImageDigestMirrorSet = Static<typeof imageDigestMirrorSetSchema>

export const imageDigestMirrorSets = defineKind<ImageDigestMirrorSet>({
  group: 'config.openshift.io',
  version: 'v1',
  kind: 'ImageDigestMirrorSet',
  plural: 'imagedigestmirrorsets',
  namespaced: false,
  storageVersionHash: 'zi/B9bSSdlo=',
  subresources: [statusOf('ImageDigestMirrorSet')],
  schema: imageDigestMirrorSetSchema,
  schemaName: 'io.openshift.config.v1.ImageDigestMirrorSet',
  columns: [nameColumn, ageColumn()],
  hooks: plainHooks<ImageDigestMirrorSet>({
    validate: ({ spec }) => mirrorErrors(spec.imageDigestMirrors ?? [], 'spec.imageDigestMirrors'),
  }),
})
