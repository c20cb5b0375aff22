import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn, wideColumn } from '../common/columns.ts'
import { forbiddenField } from '../common/field-errors.ts'
import { isSameJson } from '../common/same-json.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { statusOf } from '../common/subresources.ts'
import { withPodAdmission } from './pod-admission.ts'
import { withPodSpecDefaults } from './pod-defaults.ts'
import { qosClass } from './pod-qos.ts'
import { podSpecSchema } from './pod-spec.ts'
import { podStatusSchema } from './pod-status.ts'
import { podReadiness, podRestarts, podStatusText } from './pod-summary.ts'
import { validatePodSpec } from './validate-pod-spec.ts'

export const podSchema = objectSchema(
  'Pod',
  {
    spec: always(podSpecSchema, { mandatory: false, description: 'What should run.' }),
    status: always(podStatusSchema, { mandatory: false, description: 'What is known of how it runs.' }),
  },
  {
    schemaName: 'io.k8s.api.core.v1.Pod',
    description: 'One or more containers that run together on one node.',
  },
)
export type Pod = Static<typeof podSchema>

/** Limits stand in for requests that are left out. */
function withRequests(container: Pod['spec']['containers'][number]): Pod['spec']['containers'][number] {
  const { limits, requests } = container.resources
  if (limits === undefined) return container
  return { ...container, resources: { ...container.resources, requests: { ...limits, ...requests } } }
}

function withDefaults(pod: Pod): Pod {
  const spec = withPodSpecDefaults(pod.spec)
  return {
    ...pod,
    spec: {
      ...spec,
      containers: spec.containers.map(withRequests),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(withRequests) }),
      enableServiceLinks: spec.enableServiceLinks ?? true,
    },
  }
}

/** The spec without what an update may change. */
function fixedPart(spec: Pod['spec']): unknown {
  const fixed = (list: Pod['spec']['containers'] | undefined) =>
    list?.map(({ image: _image, resources: _resources, ...rest }) => rest)
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, ...rest } = spec
  return {
    ...rest,
    nodeName: undefined,
    terminationGracePeriodSeconds: undefined,
    schedulingGates: undefined,
    ephemeralContainers: undefined,
    containers: fixed(spec.containers),
    initContainers: fixed(spec.initContainers),
  }
}

function validateChange(next: Pod, old: Pod): FieldError[] {
  if (isSameJson(fixedPart(next.spec), fixedPart(old.spec))) return []
  const changeable =
    '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'
  return [forbiddenField('spec', `pod updates may not change fields other than ${changeable}`)]
}

const hooks = statusHooks<Pod>({
  initialStatus: (pod) => ({ phase: 'Pending', qosClass: qosClass(pod) }),
  defaults: withDefaults,
  validate: (pod) => validatePodSpec(pod.spec, 'spec', { isPod: true }),
  validateChange,
})

export const pods = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  storageVersionHash: 'xPOwRZ+Yhw8=',
  subresources: [{ name: 'log', kind: 'Pod', verbs: ['get'] }, statusOf('Pod')],
  schema: podSchema,
  schemaName: 'io.k8s.api.core.v1.Pod',
  columns: [
    nameColumn,
    textColumn('Ready', 'Containers that are ready, of all.', podReadiness),
    textColumn('Status', 'Phase of the pod, or why it is not in it.', podStatusText),
    textColumn('Restarts', 'How often its containers were restarted.', podRestarts),
    ageColumn(),
    wideColumn('IP', 'Address of the pod.', (pod) => pod.status.podIP || '<none>'),
    wideColumn('Node', 'Node that it runs on.', (pod) => pod.spec.nodeName || '<none>'),
    wideColumn(
      'Nominated Node',
      'Node that room is being made on.',
      (pod) => pod.status.nominatedNodeName || '<none>',
    ),
    wideColumn('Readiness Gates', 'Gates that are open, of all.', readinessGates),
  ],
  fieldSelectors: {
    'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(pod.spec.hostNetwork ?? false),
    'status.phase': (pod) => pod.status.phase ?? '',
    'status.podIP': (pod) => pod.status.podIP ?? '',
    'status.nominatedNodeName': (pod) => pod.status.nominatedNodeName ?? '',
  },
  hooks: {
    ...hooks,
    prepareCreate: (next, context) => withPodAdmission(hooks.prepareCreate?.(next, context) ?? next),
  },
})

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const isOpen = (type: string) => pod.status.conditions?.some((c) => c.type === type && c.status === 'True')
  return `${gates.filter((gate) => isOpen(gate.conditionType)).length}/${gates.length}`
}
