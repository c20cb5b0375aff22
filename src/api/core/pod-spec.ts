import {
  always,
  atomic,
  goBool,
  goString,
  int32,
  int64,
  list,
  map,
  mergeBy,
  omit,
  pointer,
  quantity,
  type Static,
  stringMap,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { affinitySchema, tolerationSchema, topologySpreadConstraintSchema } from './affinity.ts'
import { containerSchema, ephemeralContainerSchema } from './container.ts'
import { localObjectReferenceSchema } from './object-reference.ts'
import { resourceRequirementsSchema } from './resource-requirements.ts'
import { podSecurityContextSchema } from './security-context.ts'
import { volumeSchema } from './volume.ts'

const struct = structIn('io.k8s.api.core.v1')

export const hostAliasSchema = struct('HostAlias', {
  hostnames: omit(list(goString(), atomic)),
  ip: always(goString()),
})

export const podDNSConfigOptionSchema = struct('PodDNSConfigOption', {
  name: omit(goString()),
  value: pointer(goString()),
})

export const podDNSConfigSchema = struct('PodDNSConfig', {
  nameservers: omit(list(goString(), atomic)),
  options: omit(list(podDNSConfigOptionSchema, atomic)),
  searches: omit(list(goString(), atomic)),
})

export const podOSSchema = struct('PodOS', {
  name: always(goString()),
})

export const podReadinessGateSchema = struct('PodReadinessGate', {
  conditionType: always(goString()),
})

export const podResourceClaimSchema = struct('PodResourceClaim', {
  name: always(goString()),
  resourceClaimName: pointer(goString()),
  resourceClaimTemplateName: pointer(goString()),
})

export const podSchedulingGateSchema = struct('PodSchedulingGate', {
  name: always(goString()),
})

export const podSchedulingGroupSchema = struct('PodSchedulingGroup', {
  podGroupName: omit(goString()),
})

export const podSpecSchema = struct(
  'PodSpec',
  {
    activeDeadlineSeconds: pointer(int64({ description: 'Seconds that the pod may run in all.' })),
    affinity: pointer(affinitySchema, {
      description: 'Rules that draw the pod to nodes and other pods, or keep it away.',
    }),
    automountServiceAccountToken: pointer(
      goBool({ description: 'Whether a token of the service account is mounted.' }),
    ),
    containers: always(
      list(containerSchema, {
        ...mergeBy('name'),
        description: 'The containers. There must be one at least.',
      }),
    ),
    dnsConfig: pointer(podDNSConfigSchema),
    dnsPolicy: omit(
      goString({
        description: 'Where names are looked up: ClusterFirst, ClusterFirstWithHostNet, Default or None.',
      }),
    ),
    enableServiceLinks: pointer(goBool()),
    ephemeralContainers: omit(
      list(ephemeralContainerSchema, {
        ...mergeBy('name'),
        description: 'Containers that were added to the running pod, to look into it.',
      }),
    ),
    hostAliases: omit(list(hostAliasSchema, mergeBy('ip'))),
    hostIPC: omit(goBool({ description: 'Shares memory with the processes of the node.' })),
    hostNetwork: omit(goBool({ description: 'Uses the network of the node.' })),
    hostPID: omit(goBool({ description: 'Sees the processes of the node.' })),
    hostUsers: pointer(goBool()),
    hostname: omit(goString()),
    hostnameOverride: pointer(goString()),
    imagePullSecrets: omit(
      list(localObjectReferenceSchema, {
        ...mergeBy('name'),
        description: 'Secrets with credentials for the registries that the images come from.',
      }),
    ),
    initContainers: omit(
      list(containerSchema, {
        ...mergeBy('name'),
        description: 'Containers that run one after the other, each to its end, before the others start.',
      }),
    ),
    nodeName: omit(goString({ description: 'Node that the pod is bound to.' })),
    nodeSelector: omit(
      stringMap({ description: 'Labels that a node must have.', 'x-kubernetes-map-type': 'atomic' }),
    ),
    os: pointer(podOSSchema),
    overhead: omit(map(quantity())),
    preemptionPolicy: pointer(goString()),
    priority: pointer(int32()),
    priorityClassName: omit(goString({ description: 'Class that says how important the pod is.' })),
    readinessGates: omit(list(podReadinessGateSchema, atomic)),
    resourceClaims: omit(list(podResourceClaimSchema, mergeBy('name'))),
    resources: pointer(resourceRequirementsSchema),
    restartPolicy: omit(
      goString({ description: 'What happens to a container that ends: Always, OnFailure or Never.' }),
    ),
    runtimeClassName: pointer(goString()),
    schedulerName: omit(goString({ description: 'Who chooses the node.' })),
    schedulingGates: omit(list(podSchedulingGateSchema, mergeBy('name'))),
    schedulingGroup: pointer(podSchedulingGroupSchema),
    securityContext: pointer(podSecurityContextSchema, {
      description: 'Security settings of the whole pod. Those of a container go before it.',
    }),
    serviceAccount: omit(goString({ description: 'The same as serviceAccountName, which replaces it.' })),
    serviceAccountName: omit(goString({ description: 'Service account that the pod runs as.' })),
    setHostnameAsFQDN: pointer(goBool()),
    shareProcessNamespace: pointer(goBool()),
    subdomain: omit(goString()),
    terminationGracePeriodSeconds: pointer(
      int64({ description: 'Seconds between the wish to end and the end by force.' }),
    ),
    tolerations: omit(
      list(tolerationSchema, {
        ...atomic,
        description: 'Taints of nodes that the pod may be placed on in spite of.',
      }),
    ),
    topologySpreadConstraints: omit(
      list(topologySpreadConstraintSchema, {
        ...mergeBy('topologyKey'),
        'x-kubernetes-list-map-keys': ['topologyKey', 'whenUnsatisfiable'],
        description: 'How pods are spread over zones and nodes.',
      }),
    ),
    volumes: omit(
      list(volumeSchema, {
        ...mergeBy('name'),
        'x-kubernetes-patch-strategy': 'merge,retainKeys',
        description: 'Volumes that containers may mount.',
      }),
    ),
  },
  { description: 'What a pod runs, and how.' },
)
export type PodSpec = Static<typeof podSpecSchema>
