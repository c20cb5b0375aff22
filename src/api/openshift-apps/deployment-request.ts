import {
  always,
  goBool,
  goString,
  int64,
  list,
  omit,
  pointer,
  type Static,
  stringMap,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'

/** Bodies of the subresources instantiate and rollback. */

const struct = structIn('com.github.openshift.api.apps.v1')

export const deploymentRequestSchema = struct('DeploymentRequest', {
  name: always(goString()),
  kind: omit(goString()),
  apiVersion: omit(goString()),
  excludeTriggers: omit(list(goString())),
  force: always(goBool()),
  latest: always(goBool()),
})
export type DeploymentRequest = Static<typeof deploymentRequestSchema>

export const deploymentConfigRollbackSpecSchema = struct('DeploymentConfigRollbackSpec', {
  from: always(objectReferenceSchema),
  includeReplicationMeta: always(goBool()),
  includeStrategy: always(goBool()),
  includeTemplate: always(goBool()),
  includeTriggers: always(goBool()),
  revision: pointer(int64()),
})
export type DeploymentConfigRollbackSpec = Static<typeof deploymentConfigRollbackSpecSchema>

export const deploymentConfigRollbackSchema = struct('DeploymentConfigRollback', {
  name: always(goString()),
  kind: omit(goString()),
  apiVersion: omit(goString()),
  spec: always(deploymentConfigRollbackSpecSchema),
  updatedAnnotations: omit(stringMap()),
})
export type DeploymentConfigRollback = Static<typeof deploymentConfigRollbackSchema>

export const deploymentLogSchema = struct('DeploymentLog', {
  kind: omit(goString()),
  apiVersion: omit(goString()),
})
