import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { conditionSchema, objectSchema } from '../../machinery/meta-schema.ts'
import { dns1035LabelProblems } from '../../machinery/names.ts'
import {
  always,
  atomic,
  goBool,
  goString,
  int32,
  intOrString,
  list,
  mergeBy,
  omit,
  pointer,
  type Static,
  stringMap,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn, wideColumn } from '../common/columns.ts'
import { invalidValue, oneOf, required } from '../common/field-errors.ts'
import { formatLabels } from '../common/label-selector.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { statusOf } from '../common/subresources.ts'

const struct = structIn('io.k8s.api.core.v1')

export const clientIPConfigSchema = struct('ClientIPConfig', {
  timeoutSeconds: omit(int32()),
})

export const sessionAffinityConfigSchema = struct('SessionAffinityConfig', {
  clientIP: pointer(clientIPConfigSchema),
})

export const servicePortSchema = struct('ServicePort', {
  name: omit(goString()),
  appProtocol: pointer(goString()),
  nodePort: omit(int32()),
  port: always(int32()),
  protocol: omit(goString()),
  targetPort: always(intOrString({ mandatory: false })),
})
export type ServicePort = Static<typeof servicePortSchema>

export const serviceSpecSchema = struct('ServiceSpec', {
  type: omit(
    goString({ description: 'How it is reached: ClusterIP, NodePort, LoadBalancer or ExternalName.' }),
  ),
  allocateLoadBalancerNodePorts: pointer(goBool()),
  clusterIP: omit(goString()),
  clusterIPs: omit(list(goString(), atomic)),
  externalIPs: omit(list(goString(), atomic)),
  externalName: omit(goString()),
  externalTrafficPolicy: omit(goString()),
  healthCheckNodePort: pointer(int32()),
  internalTrafficPolicy: pointer(goString()),
  ipFamilies: omit(list(goString(), atomic)),
  ipFamilyPolicy: pointer(goString()),
  loadBalancerClass: pointer(goString()),
  loadBalancerIP: omit(goString()),
  loadBalancerSourceRanges: omit(list(goString(), atomic)),
  ports: omit(
    list(servicePortSchema, {
      ...mergeBy('port'),
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      description: 'Ports of the service.',
    }),
  ),
  publishNotReadyAddresses: omit(goBool()),
  selector: omit(stringMap({ description: 'Labels that the pods have.', 'x-kubernetes-map-type': 'atomic' })),
  sessionAffinity: omit(goString()),
  sessionAffinityConfig: pointer(sessionAffinityConfigSchema),
  trafficDistribution: pointer(goString()),
})
export type ServiceSpec = Static<typeof serviceSpecSchema>

export const portStatusSchema = struct('PortStatus', {
  error: pointer(goString()),
  port: always(int32()),
  protocol: always(goString()),
})
export type PortStatus = Static<typeof portStatusSchema>

export const loadBalancerIngressSchema = struct('LoadBalancerIngress', {
  hostname: omit(goString()),
  ip: omit(goString()),
  ipMode: pointer(goString()),
  ports: omit(list(portStatusSchema, atomic)),
})

export const loadBalancerStatusSchema = struct('LoadBalancerStatus', {
  ingress: omit(list(loadBalancerIngressSchema, atomic)),
})
export type LoadBalancerStatus = Static<typeof loadBalancerStatusSchema>

export const serviceStatusSchema = struct('ServiceStatus', {
  conditions: omit(list(conditionSchema, atomic)),
  loadBalancer: always(loadBalancerStatusSchema, { mandatory: false }),
})
export type ServiceStatus = Static<typeof serviceStatusSchema>

export const serviceSchema = objectSchema(
  'Service',
  {
    spec: always(serviceSpecSchema, { mandatory: false, description: 'Which pods, and which ports.' }),
    status: always(serviceStatusSchema, { mandatory: false }),
  },
  { schemaName: 'io.k8s.api.core.v1.Service', description: 'An address for a set of pods.' },
)
export type Service = Static<typeof serviceSchema>

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

/** Services are records here: no address is given out, so all of them are headless. */
function withDefaults(next: Service): Service {
  const { spec } = next
  return {
    ...next,
    spec: {
      ...spec,
      type: spec.type || 'ClusterIP',
      sessionAffinity: spec.sessionAffinity || 'None',
      ...(spec.ports === undefined
        ? {}
        : {
            ports: spec.ports.map((port) => ({
              ...port,
              protocol: port.protocol || 'TCP',
              targetPort:
                port.targetPort === undefined || port.targetPort === 0 ? port.port : port.targetPort,
            })),
          }),
    },
  }
}

function validate({ spec }: Service): FieldError[] {
  const ports = spec.ports ?? []
  const isPortless = spec.type === 'ExternalName' || spec.clusterIP === 'None'
  return [
    ...oneOf('spec.type', spec.type, types),
    ...(ports.length === 0 && !isPortless ? [required('spec.ports')] : []),
    ...ports.flatMap((port, index) => {
      const field = `spec.ports[${index}]`
      return [
        ...(port.port < 1 || port.port > 65535
          ? [invalidValue(`${field}.port`, port.port, 'must be between 1 and 65535, inclusive')]
          : []),
        ...(ports.length > 1 && !port.name ? [required(`${field}.name`)] : []),
      ]
    }),
  ]
}

function portsText(service: Service): string {
  const ports = service.spec.ports ?? []
  const one = (port: (typeof ports)[number]) =>
    `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/${port.protocol ?? 'TCP'}`
  return ports.map(one).join(',') || '<none>'
}

export const services = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  storageVersionHash: '0/CO1lhkEBI=',
  subresources: [statusOf('Service')],
  schema: serviceSchema,
  schemaName: 'io.k8s.api.core.v1.Service',
  columns: [
    nameColumn,
    textColumn('Type', 'How the service is reached.', (service) => service.spec.type ?? ''),
    textColumn(
      'Cluster-IP',
      'Its address within the cluster.',
      (service) => service.spec.clusterIP || '<none>',
    ),
    textColumn('External-IP', 'Its address outside.', externalAddress),
    textColumn('Port(s)', 'Its ports.', portsText),
    ageColumn(),
    wideColumn('Selector', 'Labels that pick its pods.', (service) => formatLabels(service.spec.selector)),
  ],
  fieldSelectors: {
    'spec.clusterIP': (service) => service.spec.clusterIP ?? '',
    'spec.type': (service) => service.spec.type ?? '',
  },
  hooks: statusHooks<Service>({
    initialStatus: { loadBalancer: {} },
    defaults: withDefaults,
    validate,
    validateName: (name, isPrefix) => dns1035LabelProblems(isPrefix ? `${name.replace(/-$/, '')}a` : name),
    hasGeneration: false,
  }),
})

function externalAddress(service: Service): string {
  if (service.spec.type === 'ExternalName') return service.spec.externalName ?? '<none>'
  const balanced = (service.status.loadBalancer.ingress ?? []).map(
    (entry) => entry.ip ?? entry.hostname ?? '',
  )
  return [...balanced, ...(service.spec.externalIPs ?? [])].join(',') || '<none>'
}
