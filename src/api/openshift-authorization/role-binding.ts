import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, list, type Static } from '../../machinery/schema.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'
import { bindingViewColumns } from './binding-columns.ts'

export const roleBindingSchema = objectSchema(
  'RoleBinding',
  {
    groupNames: always(list(goString())),
    roleRef: always(objectReferenceSchema, { description: "The role. It can't be changed later." }),
    subjects: always(list(objectReferenceSchema, { description: 'Who is granted it.' })),
    userNames: always(list(goString())),
  },
  {
    schemaName: 'com.github.openshift.api.authorization.v1.RoleBinding',
    description: 'Grants a role to subjects in one namespace.',
  },
)
export type RoleBinding = Static<typeof roleBindingSchema>

/** A view of the RBAC kind of the same name. */
export const openshiftRoleBindings = defineKind<RoleBinding>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update'],
  stored: false,
  schema: roleBindingSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.RoleBinding',
  columns: bindingViewColumns<RoleBinding>(),
})
