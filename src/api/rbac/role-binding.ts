import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import { always, atomic, list, omit, type Static } from '../../machinery/schema.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { bindingColumns, bindingOptions, rbacGroup } from './binding.ts'
import { roleRefSchema, subjectSchema } from './subject.ts'

export const roleBindingSchema = objectSchema(
  'RoleBinding',
  {
    roleRef: always(roleRefSchema, { description: "The role. It can't be changed later." }),
    subjects: omit(list(subjectSchema, { ...atomic, description: 'Who is granted it.' })),
  },
  {
    schemaName: 'io.k8s.api.rbac.v1.RoleBinding',
    description: 'Grants a role to subjects in one namespace.',
  },
)
export type RoleBinding = Static<typeof roleBindingSchema>

export const roleBindings = defineKind<RoleBinding>({
  group: rbacGroup,
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
  storageVersionHash: 'eGsCzGH6b1g=',
  schema: roleBindingSchema,
  schemaName: 'io.k8s.api.rbac.v1.RoleBinding',
  columns: bindingColumns<RoleBinding>(),
  hooks: plainHooks<RoleBinding>({
    ...bindingOptions(['Role', 'ClusterRole']),
    validateName: pathSegmentProblems,
  }),
})
