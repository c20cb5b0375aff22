import type { Column } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import type { ObjectReference } from '../core/object-reference.ts'

interface BindingView extends KubeObject {
  subjects: ObjectReference[]
  roleRef: ObjectReference
}

const wellKnown = ['User', 'SystemUser', 'Group', 'SystemGroup', 'ServiceAccount']

function names(binding: BindingView, isWanted: (kind: string) => boolean): string {
  return binding.subjects
    .filter(({ kind = '' }) => isWanted(kind))
    .map(({ kind, namespace, name = '' }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ')
}

/** Columns of role bindings in authorization.openshift.io. */
export function bindingViewColumns<T extends BindingView>(): Column<T>[] {
  const isUser = (kind: string) => kind === 'User' || kind === 'SystemUser'
  const isGroup = (kind: string) => kind === 'Group' || kind === 'SystemGroup'
  return [
    nameColumn,
    textColumn(
      'Role',
      'The role that is granted.',
      ({ roleRef }) => `${roleRef.namespace ?? ''}/${roleRef.name ?? ''}`,
    ),
    textColumn('Users', 'Users in the binding.', (binding) => names(binding, isUser)),
    textColumn('Groups', 'Groups in the binding.', (binding) => names(binding, isGroup)),
    textColumn('Service Accounts', 'Service accounts in the binding.', (b) =>
      names(b, (kind) => kind === 'ServiceAccount'),
    ),
    textColumn('Subjects', 'Others in the binding.', (b) => names(b, (kind) => !wellKnown.includes(kind))),
  ]
}
