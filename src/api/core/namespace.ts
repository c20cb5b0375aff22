import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { nameIsDnsLabel } from '../../machinery/names.ts'
import { always, atomic, goString, list, omit, orNull, type Static, time } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn } from '../common/columns.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { statusOf } from '../common/subresources.ts'

const struct = structIn('io.k8s.api.core.v1')

export const namespaceSpecSchema = struct('NamespaceSpec', {
  finalizers: omit(list(goString(), { ...atomic, description: 'Who must still clear up before it may go.' })),
})
export type NamespaceSpec = Static<typeof namespaceSpecSchema>

export const namespaceConditionSchema = struct('NamespaceCondition', {
  type: always(goString()),
  lastTransitionTime: orNull(time({ mandatory: false })),
  message: omit(goString()),
  reason: omit(goString()),
  status: always(goString()),
})
export type NamespaceCondition = Static<typeof namespaceConditionSchema>

export const namespaceStatusSchema = struct('NamespaceStatus', {
  conditions: omit(list(namespaceConditionSchema, atomic)),
  phase: omit(goString({ description: 'Active or Terminating.' })),
})
export type NamespaceStatus = Static<typeof namespaceStatusSchema>

export const namespaceSchema = objectSchema(
  'Namespace',
  {
    spec: always(namespaceSpecSchema, {
      mandatory: false,
      description: 'What must happen before it may go.',
    }),
    status: always(namespaceStatusSchema, { mandatory: false, description: 'Whether it is there or going.' }),
  },
  {
    schemaName: 'io.k8s.api.core.v1.Namespace',
    description: 'A scope for names, within which most objects live.',
  },
)
export type Namespace = Static<typeof namespaceSchema>

/** Kept until everything in the namespace is gone. */
export const namespaceFinalizer = 'kubernetes'
/** The label by which selectors find a namespace by name. */
export const namespaceNameLabel = 'kubernetes.io/metadata.name'

/** Every namespace carries its name as a label, and the finalizer of its content from the start. */
function withNameLabel(namespace: Namespace): Namespace {
  const { metadata } = namespace
  if (metadata.name === undefined) return namespace
  return {
    ...namespace,
    metadata: { ...metadata, labels: { ...metadata.labels, [namespaceNameLabel]: metadata.name } },
  }
}

const hooks = statusHooks<Namespace>({
  initialStatus: { phase: 'Active' },
  defaults: withNameLabel,
  validateName: nameIsDnsLabel,
  hasGeneration: false,
})

export const namespaces = defineKind<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  storageVersionHash: 'Q3oi5N2YM8M=',
  subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }, statusOf('Namespace')],
  schema: namespaceSchema,
  schemaName: 'io.k8s.api.core.v1.Namespace',
  columns: [
    nameColumn,
    textColumn('Status', 'Active, or Terminating while its content goes.', (n) => n.status.phase ?? ''),
    ageColumn(),
  ],
  fieldSelectors: {
    'status.phase': (namespace) => namespace.status.phase ?? '',
    name: (n) => n.metadata.name ?? '',
  },
  hooks: {
    ...hooks,
    prepareCreate(next, context) {
      const prepared = hooks.prepareCreate?.(next, context) ?? next
      const finalizers = prepared.spec.finalizers ?? []
      if (finalizers.includes(namespaceFinalizer)) return prepared
      return { ...prepared, spec: { ...prepared.spec, finalizers: [...finalizers, namespaceFinalizer] } }
    },
    prepareUpdate: (next, old) => withNameLabel({ ...next, spec: old.spec, status: old.status }),
  },
})
