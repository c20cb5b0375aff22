import { always, atomic, goString, list, map, omit, quantity, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.core.v1')

export const resourceClaimSchema = struct('ResourceClaim', {
  name: always(goString()),
  request: omit(goString()),
})

export const resourceRequirementsSchema = struct(
  'ResourceRequirements',
  {
    claims: omit(list(resourceClaimSchema, atomic)),
    limits: omit(map(quantity(), { description: 'The most that it may use.' })),
    requests: omit(map(quantity(), { description: 'The least that it needs.' })),
  },
  { description: 'What a container needs and may use.' },
)
export type ResourceRequirements = Static<typeof resourceRequirementsSchema>
