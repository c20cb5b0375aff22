import type { FieldError } from '../../machinery/errors.ts'
import type { Column } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn, wideColumn } from '../common/columns.ts'
import { immutable, required, unsupported } from '../common/field-errors.ts'
import type { PlainOptions } from '../common/plain-hooks.ts'
import type { RoleRef, Subject } from './subject.ts'

/** What RoleBinding and ClusterRoleBinding share. */

export const rbacGroup = 'rbac.authorization.k8s.io'

export interface Binding extends KubeObject {
  subjects?: Subject[]
  roleRef: RoleRef
}

/** Users and groups belong to the RBAC group, service accounts to core. */
function withDefaults<T extends Binding>(binding: T): T {
  return {
    ...binding,
    roleRef: { ...binding.roleRef, apiGroup: binding.roleRef.apiGroup || rbacGroup },
    ...(binding.subjects === undefined ? {} : { subjects: binding.subjects.map(subjectWithGroup) }),
  }
}

function subjectWithGroup(subject: Subject): Subject {
  if (subject.apiGroup || (subject.kind !== 'User' && subject.kind !== 'Group')) return subject
  return { ...subject, apiGroup: rbacGroup }
}

function subjectErrors(subject: Subject, field: string, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = subject.name === '' ? [required(`${field}.name`)] : []
  const group = subject.apiGroup ?? ''
  switch (subject.kind) {
    case 'ServiceAccount':
      if (group !== '') errors.push(unsupported(`${field}.apiGroup`, group, ['']))
      if (!namespaced && !subject.namespace) errors.push(required(`${field}.namespace`))
      return errors
    case 'User':
    case 'Group':
      if (group !== rbacGroup) errors.push(unsupported(`${field}.apiGroup`, group, [rbacGroup]))
      return errors
    default:
      return [...errors, unsupported(`${field}.kind`, subject.kind, ['Group', 'ServiceAccount', 'User'])]
  }
}

function validate(binding: Binding, kinds: readonly string[]): FieldError[] {
  const { roleRef } = binding
  const namespaced = kinds.includes('Role')
  return [
    ...(roleRef.apiGroup === rbacGroup
      ? []
      : [unsupported('roleRef.apiGroup', roleRef.apiGroup, [rbacGroup])]),
    ...(kinds.includes(roleRef.kind) ? [] : [unsupported('roleRef.kind', roleRef.kind, kinds)]),
    ...(roleRef.name === '' ? [required('roleRef.name')] : []),
    ...(binding.subjects ?? []).flatMap((subject, index) =>
      subjectErrors(subject, `subjects[${index}]`, namespaced),
    ),
  ]
}

/** `kinds` are those of roles that the binding may refer to. */
export function bindingOptions<T extends Binding>(kinds: readonly string[]): PlainOptions<T> {
  return {
    defaults: withDefaults,
    validate: (binding) => validate(binding, kinds),
    validateChange: (next, old) =>
      immutable('roleRef', next.roleRef, old.roleRef).map((error) => ({
        ...error,
        detail: 'cannot change roleRef',
      })),
  }
}

function namesOf(binding: Binding, kind: string): string {
  const subjects = (binding.subjects ?? []).filter((subject) => subject.kind === kind)
  return subjects
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ')
}

export function bindingColumns<T extends Binding>(): Column<T>[] {
  return [
    nameColumn,
    textColumn('Role', 'The role that is granted.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
    ageColumn(),
    wideColumn('Users', 'Users in the roleBinding', (binding) => namesOf(binding, 'User')),
    wideColumn('Groups', 'Groups in the roleBinding', (binding) => namesOf(binding, 'Group')),
    wideColumn('ServiceAccounts', 'ServiceAccounts in the roleBinding', (b) => namesOf(b, 'ServiceAccount')),
  ]
}
