import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, list, type Static } from '../../machinery/schema.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'
import { bindingViewColumns } from './binding-columns.ts'

export const clusterRoleBindingSchema = objectSchema(
  'ClusterRoleBinding',
  {
    groupNames: always(list(goString())),
    roleRef: always(objectReferenceSchema, { description: "The role. It can't be changed later." }),
    subjects: always(list(objectReferenceSchema, { description: 'Who is granted it.' })),
    userNames: always(list(goString())),
  },
  {
    schemaName: 'com.github.openshift.api.authorization.v1.ClusterRoleBinding',
    description: 'Grants a cluster role to subjects everywhere.',
  },
)
export type ClusterRoleBinding = Static<typeof clusterRoleBindingSchema>

/** A view of the RBAC kind of the same name. */
export const openshiftClusterRoleBindings = defineKind<ClusterRoleBinding>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update'],
  stored: false,
  schema: clusterRoleBindingSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.ClusterRoleBinding',
  columns: bindingViewColumns<ClusterRoleBinding>(),
})
