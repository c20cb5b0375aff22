import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import { always, atomic, list, omit, type Static } from '../../machinery/schema.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { bindingColumns, bindingOptions, rbacGroup } from './binding.ts'
import { roleRefSchema, subjectSchema } from './subject.ts'

export const clusterRoleBindingSchema = objectSchema(
  'ClusterRoleBinding',
  {
    roleRef: always(roleRefSchema, { description: "The role. It can't be changed later." }),
    subjects: omit(list(subjectSchema, { ...atomic, description: 'Who is granted it.' })),
  },
  {
    schemaName: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
    description: 'Grants a cluster role to subjects everywhere.',
  },
)
export type ClusterRoleBinding = Static<typeof clusterRoleBindingSchema>

export const clusterRoleBindings = defineKind<ClusterRoleBinding>({
  group: rbacGroup,
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
  storageVersionHash: '48tpQ8gZHFc=',
  schema: clusterRoleBindingSchema,
  schemaName: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  columns: bindingColumns<ClusterRoleBinding>(),
  hooks: plainHooks<ClusterRoleBinding>({
    ...bindingOptions(['ClusterRole']),
    validateName: pathSegmentProblems,
  }),
})
