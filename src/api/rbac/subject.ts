import { always, goString, omit, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.rbac.v1')

export const subjectSchema = struct(
  'Subject',
  {
    name: always(goString({ description: 'Name of the subject.' })),
    kind: always(goString({ description: 'User, Group or ServiceAccount.' })),
    apiGroup: omit(goString()),
    namespace: omit(goString({ description: 'Namespace of a service account.' })),
  },
  { 'x-kubernetes-map-type': 'atomic', description: 'A user, a group or a service account.' },
)
export type Subject = Static<typeof subjectSchema>

export const roleRefSchema = struct(
  'RoleRef',
  {
    name: always(goString()),
    kind: always(goString()),
    apiGroup: omit(goString()),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)
export type RoleRef = Static<typeof roleRefSchema>
