import { always, goString, list, omit, pointer, raw, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('com.github.openshift.api.authorization.v1')

export const policyRuleSchema = struct(
  'PolicyRule',
  {
    apiGroups: always(list(goString(), { description: 'Groups of the resources; the core group is empty.' })),
    attributeRestrictions: pointer(raw()),
    nonResourceURLs: omit(
      list(goString(), { description: 'Paths that are no resources. For cluster roles only.' }),
    ),
    resourceNames: omit(list(goString(), { description: 'Only objects with these names.' })),
    resources: always(list(goString(), { description: 'Resources and subresources; * is all.' })),
    verbs: always(list(goString(), { description: 'What may be done; * is everything.' })),
  },
  { description: 'What may be done, and to what.' },
)
export type PolicyRule = Static<typeof policyRuleSchema>
