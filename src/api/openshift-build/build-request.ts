import { objectSchema } from '../../machinery/meta-schema.ts'
import { goString, int64, list, omit, orNull, pointer, type Static } from '../../machinery/schema.ts'
import { envVarSchema } from '../core/env-var.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'
import { binaryBuildSourceSchema, sourceRevisionSchema } from './build-source.ts'
import { dockerStrategyOptionsSchema, sourceStrategyOptionsSchema } from './build-strategy.ts'
import { buildTriggerCauseSchema } from './build-trigger.ts'

/** Bodies of the subresources instantiate, instantiatebinary and clone. */

export const buildRequestSchema = objectSchema(
  'BuildRequest',
  {
    binary: pointer(binaryBuildSourceSchema),
    dockerStrategyOptions: pointer(dockerStrategyOptionsSchema),
    env: omit(list(envVarSchema)),
    from: pointer(objectReferenceSchema),
    lastVersion: omit(int64()),
    revision: pointer(sourceRevisionSchema),
    sourceStrategyOptions: pointer(sourceStrategyOptionsSchema),
    triggeredBy: orNull(list(buildTriggerCauseSchema)),
    triggeredByImage: pointer(objectReferenceSchema),
  },
  { schemaName: 'com.github.openshift.api.build.v1.BuildRequest' },
)
export type BuildRequest = Static<typeof buildRequestSchema>

export const binaryBuildRequestOptionsSchema = objectSchema(
  'BinaryBuildRequestOptions',
  {
    asFile: omit(goString()),
    'revision.commit': omit(goString()),
    'revision.message': omit(goString()),
    'revision.authorName': omit(goString()),
    'revision.authorEmail': omit(goString()),
    'revision.committerName': omit(goString()),
    'revision.committerEmail': omit(goString()),
  },
  { schemaName: 'com.github.openshift.api.build.v1.BinaryBuildRequestOptions' },
)
export type BinaryBuildRequestOptions = Static<typeof binaryBuildRequestOptionsSchema>
