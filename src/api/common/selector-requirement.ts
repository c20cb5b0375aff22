import { always, atomic, goString, list, omit } from '../../machinery/schema.ts'
import { structIn } from './struct-in.ts'

const struct = structIn('io.k8s.apimachinery.pkg.apis.meta.v1')

export const fieldSelectorRequirementSchema = struct('FieldSelectorRequirement', {
  key: always(goString()),
  operator: always(goString()),
  values: omit(list(goString(), atomic)),
})

export const labelSelectorRequirementSchema = struct('LabelSelectorRequirement', {
  key: always(goString()),
  operator: always(goString()),
  values: omit(list(goString(), atomic)),
})
