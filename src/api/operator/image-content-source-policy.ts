import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, list, omit, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn } from '../common/columns.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { statusOf } from '../common/subresources.ts'
import { mirrorErrors } from '../config/validate-mirrors.ts'

const struct = structIn('io.openshift.operator.v1alpha1')

export const repositoryDigestMirrorsSchema = struct('RepositoryDigestMirrors', {
  source: always(goString()),
  mirrors: omit(list(goString())),
})
export type RepositoryDigestMirrors = Static<typeof repositoryDigestMirrorsSchema>

export const imageContentSourcePolicySpecSchema = struct('ImageContentSourcePolicySpec', {
  repositoryDigestMirrors: omit(list(repositoryDigestMirrorsSchema)),
})
export type ImageContentSourcePolicySpec = Static<typeof imageContentSourcePolicySpecSchema>

export const imageContentSourcePolicySchema = objectSchema(
  'ImageContentSourcePolicy',
  {
    spec: always(imageContentSourcePolicySpecSchema),
  },
  {
    schemaName: 'io.openshift.operator.v1alpha1.ImageContentSourcePolicy',
    description: 'Where images may be pulled from instead; ImageDigestMirrorSet replaces it.',
  },
)
export type ImageContentSourcePolicy = Static<typeof imageContentSourcePolicySchema>

export const imageContentSourcePolicies = defineKind<ImageContentSourcePolicy>({
  group: 'operator.openshift.io',
  version: 'v1alpha1',
  kind: 'ImageContentSourcePolicy',
  plural: 'imagecontentsourcepolicies',
  namespaced: false,
  storageVersionHash: 'SlI7gNbjdUA=',
  subresources: [statusOf('ImageContentSourcePolicy')],
  schema: imageContentSourcePolicySchema,
  schemaName: 'io.openshift.operator.v1alpha1.ImageContentSourcePolicy',
  columns: [nameColumn, ageColumn()],
  hooks: plainHooks<ImageContentSourcePolicy>({
    validate: ({ spec }) => mirrorErrors(spec.repositoryDigestMirrors ?? [], 'spec.repositoryDigestMirrors'),
  }),
})
