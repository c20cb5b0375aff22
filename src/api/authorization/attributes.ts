import {
  always,
  atomic,
  goBool,
  goString,
  list,
  map,
  omit,
  pointer,
  type Static,
} from '../../machinery/schema.ts'
import {
  fieldSelectorRequirementSchema,
  labelSelectorRequirementSchema,
} from '../common/selector-requirement.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.authorization.v1')

export const fieldSelectorAttributesSchema = struct('FieldSelectorAttributes', {
  rawSelector: omit(goString()),
  requirements: omit(list(fieldSelectorRequirementSchema, atomic)),
})

export const labelSelectorAttributesSchema = struct('LabelSelectorAttributes', {
  rawSelector: omit(goString()),
  requirements: omit(list(labelSelectorRequirementSchema, atomic)),
})

export const resourceAttributesSchema = struct('ResourceAttributes', {
  name: omit(goString()),
  fieldSelector: pointer(fieldSelectorAttributesSchema),
  group: omit(goString()),
  labelSelector: pointer(labelSelectorAttributesSchema),
  namespace: omit(goString()),
  resource: omit(goString()),
  subresource: omit(goString()),
  verb: omit(goString()),
  version: omit(goString()),
})
export type ResourceAttributes = Static<typeof resourceAttributesSchema>

export const nonResourceAttributesSchema = struct('NonResourceAttributes', {
  path: omit(goString()),
  verb: omit(goString()),
})
export type NonResourceAttributes = Static<typeof nonResourceAttributesSchema>

export const subjectAccessReviewSpecSchema = struct('SubjectAccessReviewSpec', {
  extra: omit(map(list(goString()))),
  groups: omit(list(goString(), atomic)),
  nonResourceAttributes: pointer(nonResourceAttributesSchema),
  resourceAttributes: pointer(resourceAttributesSchema),
  uid: omit(goString()),
  user: omit(goString()),
})
export type SubjectAccessReviewSpec = Static<typeof subjectAccessReviewSpecSchema>

export const subjectAccessReviewStatusSchema = struct('SubjectAccessReviewStatus', {
  allowed: always(goBool()),
  denied: omit(goBool()),
  evaluationError: omit(goString()),
  reason: omit(goString()),
})
export type SubjectAccessReviewStatus = Static<typeof subjectAccessReviewStatusSchema>
