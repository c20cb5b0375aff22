import { always, goString, list, omit, pointer, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { localObjectReferenceSchema, objectReferenceSchema } from '../core/object-reference.ts'

const struct = structIn('com.github.openshift.api.build.v1')

export const imageLabelSchema = struct('ImageLabel', {
  name: always(goString()),
  value: omit(goString()),
})

export const buildOutputSchema = struct('BuildOutput', {
  imageLabels: omit(list(imageLabelSchema)),
  pushSecret: pointer(localObjectReferenceSchema, { description: 'Secret to push with.' }),
  to: pointer(objectReferenceSchema, { description: 'Tag or image that the result is pushed to.' }),
})
export type BuildOutput = Static<typeof buildOutputSchema>

export const buildPostCommitSpecSchema = struct('BuildPostCommitSpec', {
  args: omit(list(goString())),
  command: omit(list(goString())),
  script: omit(goString()),
})
export type BuildPostCommitSpec = Static<typeof buildPostCommitSpecSchema>
