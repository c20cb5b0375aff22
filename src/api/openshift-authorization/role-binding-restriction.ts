import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { labelSelectorSchema, objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, list, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import { invalidValue, required } from '../common/field-errors.ts'
import { formatSelector } from '../common/label-selector.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('com.github.openshift.api.authorization.v1')

export const userRestrictionSchema = struct('UserRestriction', {
  groups: always(list(goString())),
  labels: always(list(labelSelectorSchema)),
  users: always(list(goString())),
})

export const groupRestrictionSchema = struct('GroupRestriction', {
  groups: always(list(goString())),
  labels: always(list(labelSelectorSchema)),
})

export const serviceAccountReferenceSchema = struct('ServiceAccountReference', {
  name: always(goString()),
  namespace: always(goString()),
})

export const serviceAccountRestrictionSchema = struct('ServiceAccountRestriction', {
  namespaces: always(list(goString())),
  serviceaccounts: always(list(serviceAccountReferenceSchema)),
})

export const roleBindingRestrictionSpecSchema = struct('RoleBindingRestrictionSpec', {
  grouprestriction: always(groupRestrictionSchema),
  serviceaccountrestriction: always(serviceAccountRestrictionSchema),
  userrestriction: always(userRestrictionSchema),
})
export type RoleBindingRestrictionSpec = Static<typeof roleBindingRestrictionSpecSchema>

export const roleBindingRestrictionSchema = objectSchema(
  'RoleBindingRestriction',
  {
    spec: always(roleBindingRestrictionSpecSchema),
  },
  {
    schemaName: 'com.github.openshift.api.authorization.v1.RoleBindingRestriction',
    description: 'Which subjects may be bound to roles in a namespace.',
  },
)
export type RoleBindingRestriction = Static<typeof roleBindingRestrictionSchema>

function validate({ spec }: RoleBindingRestriction): FieldError[] {
  const given = [spec.userrestriction, spec.grouprestriction, spec.serviceaccountrestriction].filter(
    (one) => one,
  )
  if (given.length === 0) return [required('spec', 'must specify a restriction')]
  return given.length === 1 ? [] : [invalidValue('spec', spec, 'must specify exactly one restriction')]
}

function subjectType({ spec }: RoleBindingRestriction): string {
  if (spec.userrestriction) return 'User'
  if (spec.grouprestriction) return 'Group'
  return spec.serviceaccountrestriction ? 'ServiceAccount' : ''
}

function subjects({ spec }: RoleBindingRestriction): string {
  const { userrestriction: user, grouprestriction: group, serviceaccountrestriction: account } = spec
  if (user) {
    const groups = (user.groups ?? []).map((name) => `group:${name}`)
    return [...(user.users ?? []), ...groups, ...(user.labels ?? []).map(formatSelector)].join(', ')
  }
  if (group) return [...(group.groups ?? []), ...(group.labels ?? []).map(formatSelector)].join(', ')
  if (!account) return ''
  const accounts = (account.serviceaccounts ?? []).map(({ namespace, name }) => `${namespace}/${name}`)
  return [...accounts, ...(account.namespaces ?? []).map((namespace) => `${namespace}/*`)].join(', ')
}

export const roleBindingRestrictions = defineKind<RoleBindingRestriction>({
  group: 'authorization.openshift.io',
  version: 'v1',
  kind: 'RoleBindingRestriction',
  plural: 'rolebindingrestrictions',
  namespaced: true,
  requiresResourceVersion: true,
  schema: roleBindingRestrictionSchema,
  schemaName: 'com.github.openshift.api.authorization.v1.RoleBindingRestriction',
  columns: [
    nameColumn,
    textColumn('Subject Type', 'What kind of subject may be bound.', subjectType),
    textColumn('Subjects', 'Which of them may be bound.', subjects),
  ],
  hooks: plainHooks<RoleBindingRestriction>({ validate }),
})
