import { labelSelectorSchema } from '../../machinery/meta-schema.ts'
import { always, atomic, goString, list, omit, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.rbac.v1')

export const policyRuleSchema = struct(
  'PolicyRule',
  {
    apiGroups: omit(
      list(goString(), { ...atomic, description: 'Groups of the resources; the core group is empty.' }),
    ),
    nonResourceURLs: omit(
      list(goString(), { ...atomic, description: 'Paths that are no resources. For cluster roles only.' }),
    ),
    resourceNames: omit(list(goString(), { ...atomic, description: 'Only objects with these names.' })),
    resources: omit(list(goString(), { ...atomic, description: 'Resources and subresources; * is all.' })),
    verbs: always(list(goString(), { ...atomic, description: 'What may be done; * is everything.' })),
  },
  { description: 'What may be done, and to what.' },
)
export type PolicyRule = Static<typeof policyRuleSchema>

export const aggregationRuleSchema = struct('AggregationRule', {
  clusterRoleSelectors: omit(list(labelSelectorSchema, atomic)),
})
export type AggregationRule = Static<typeof aggregationRuleSchema>
