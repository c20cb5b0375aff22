import { always, goBool, goString, omit, pointer, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { objectFieldSelectorSchema, resourceFieldSelectorSchema } from './projected-volume.ts'

const struct = structIn('io.k8s.api.core.v1')

export const configMapKeySelectorSchema = struct(
  'ConfigMapKeySelector',
  {
    name: omit(goString()),
    key: always(goString()),
    optional: pointer(goBool()),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const secretKeySelectorSchema = struct(
  'SecretKeySelector',
  {
    name: omit(goString()),
    key: always(goString()),
    optional: pointer(goBool()),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const fileKeySelectorSchema = struct(
  'FileKeySelector',
  {
    key: always(goString()),
    optional: pointer(goBool()),
    path: always(goString()),
    volumeName: always(goString()),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const envVarSourceSchema = struct('EnvVarSource', {
  configMapKeyRef: pointer(configMapKeySelectorSchema),
  fieldRef: pointer(objectFieldSelectorSchema),
  fileKeyRef: pointer(fileKeySelectorSchema),
  resourceFieldRef: pointer(resourceFieldSelectorSchema),
  secretKeyRef: pointer(secretKeySelectorSchema),
})

export const envVarSchema = struct(
  'EnvVar',
  {
    name: always(goString({ description: 'Name of the variable.' })),
    value: omit(goString({ description: 'Its value. $(NAME) stands for a variable before it.' })),
    valueFrom: pointer(envVarSourceSchema, { description: "Where its value comes from, if it isn't given." }),
  },
  { description: 'An environment variable.' },
)
export type EnvVar = Static<typeof envVarSchema>

export const configMapEnvSourceSchema = struct('ConfigMapEnvSource', {
  name: omit(goString()),
  optional: pointer(goBool()),
})

export const secretEnvSourceSchema = struct('SecretEnvSource', {
  name: omit(goString()),
  optional: pointer(goBool()),
})

export const envFromSourceSchema = struct('EnvFromSource', {
  configMapRef: pointer(configMapEnvSourceSchema),
  prefix: omit(goString()),
  secretRef: pointer(secretEnvSourceSchema),
})
export type EnvFromSource = Static<typeof envFromSourceSchema>
