import {
  always,
  atomic,
  goBool,
  goString,
  int32,
  int64,
  list,
  mergeBy,
  omit,
  pointer,
  type Static,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { envFromSourceSchema, envVarSchema } from './env-var.ts'
import { lifecycleSchema, probeSchema } from './probe.ts'
import { resourceRequirementsSchema } from './resource-requirements.ts'
import { securityContextSchema } from './security-context.ts'

const struct = structIn('io.k8s.api.core.v1')

export const containerPortSchema = struct(
  'ContainerPort',
  {
    name: omit(goString({ description: 'Name by which services may refer to it.' })),
    containerPort: always(int32({ description: 'Number of the port, 1 to 65535.' })),
    hostIP: omit(goString()),
    hostPort: omit(int32({ description: 'Port of the node that leads to it.' })),
    protocol: omit(goString({ description: 'TCP, UDP or SCTP.' })),
  },
  { description: 'A port of a container.' },
)
export type ContainerPort = Static<typeof containerPortSchema>

export const containerResizePolicySchema = struct('ContainerResizePolicy', {
  resourceName: always(goString()),
  restartPolicy: always(goString()),
})

export const containerRestartRuleOnExitCodesSchema = struct('ContainerRestartRuleOnExitCodes', {
  operator: always(goString()),
  values: omit(list(int64(), atomic)),
})

export const containerRestartRuleSchema = struct('ContainerRestartRule', {
  action: always(goString()),
  exitCodes: pointer(containerRestartRuleOnExitCodesSchema),
})

export const volumeDeviceSchema = struct('VolumeDevice', {
  name: always(goString()),
  devicePath: always(goString()),
})

export const volumeMountSchema = struct('VolumeMount', {
  name: always(goString({ description: 'Name of the volume.' })),
  mountPath: always(goString({ description: 'Folder in the container.' })),
  mountPropagation: pointer(goString()),
  readOnly: omit(goBool({ description: 'Mounts it so that it cannot be written.' })),
  recursiveReadOnly: pointer(goString()),
  subPath: omit(goString({ description: 'Part of the volume to mount.' })),
  subPathExpr: omit(goString()),
})
export type VolumeMount = Static<typeof volumeMountSchema>

/** What both kinds of containers have. */
const containerFields = {
  name: always(goString({ description: 'Name of the container, unique in its pod.' })),
  args: omit(
    list(goString(), {
      ...atomic,
      description: "Arguments of the entry point; the image's own if left out.",
    }),
  ),
  command: omit(list(goString(), { ...atomic, description: "Entry point; the image's own if left out." })),
  env: omit(list(envVarSchema, { ...mergeBy('name'), description: 'Environment variables.' })),
  envFrom: omit(
    list(envFromSourceSchema, {
      ...atomic,
      description: 'ConfigMaps and Secrets whose entries become environment variables.',
    }),
  ),
  image: omit(goString({ description: 'Image that it runs.' })),
  imagePullPolicy: omit(
    goString({
      description: 'When the image is pulled: Always, IfNotPresent or Never. Always where the tag is latest.',
    }),
  ),
  lifecycle: pointer(lifecycleSchema, { description: 'What to do after its start and before its end.' }),
  livenessProbe: pointer(probeSchema, { description: 'Tells whether it must be restarted.' }),
  ports: omit(
    list(containerPortSchema, {
      ...mergeBy('containerPort'),
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
      description: 'Ports that it listens on, for information.',
    }),
  ),
  readinessProbe: pointer(probeSchema, { description: 'Tells whether it may be sent requests.' }),
  resizePolicy: omit(list(containerResizePolicySchema, atomic)),
  resources: always(resourceRequirementsSchema, {
    mandatory: false,
    description: 'What it needs and may use of the node.',
  }),
  restartPolicy: pointer(goString()),
  restartPolicyRules: omit(list(containerRestartRuleSchema, atomic)),
  securityContext: pointer(securityContextSchema, { description: 'Security settings of the container.' }),
  startupProbe: pointer(probeSchema, {
    description: 'Tells whether it has started; the other probes wait for it.',
  }),
  stdin: omit(goBool()),
  stdinOnce: omit(goBool()),
  terminationMessagePath: omit(goString({ description: 'File that it may leave its last words in.' })),
  terminationMessagePolicy: omit(
    goString({ description: 'Where its last words come from: File or FallbackToLogsOnError.' }),
  ),
  tty: omit(goBool()),
  volumeDevices: omit(list(volumeDeviceSchema, mergeBy('devicePath'))),
  volumeMounts: omit(
    list(volumeMountSchema, { ...mergeBy('mountPath'), description: 'Where volumes of the pod appear.' }),
  ),
  workingDir: omit(goString({ description: "Folder to start in; the image's own if left out." })),
}

export const containerSchema = struct('Container', containerFields, { description: 'A container of a pod.' })
export type Container = Static<typeof containerSchema>

export const ephemeralContainerSchema = struct(
  'EphemeralContainer',
  {
    ...containerFields,
    targetContainerName: omit(goString({ description: 'Container whose processes it sees.' })),
  },
  { description: 'A container that was added to a running pod.' },
)
export type EphemeralContainer = Static<typeof ephemeralContainerSchema>
