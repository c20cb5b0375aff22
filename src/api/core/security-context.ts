import {
  always,
  atomic,
  goBool,
  goString,
  int64,
  list,
  omit,
  pointer,
  type Static,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.core.v1')

export const seLinuxOptionsSchema = struct('SELinuxOptions', {
  type: omit(goString()),
  level: omit(goString()),
  role: omit(goString()),
  user: omit(goString()),
})

export const windowsSecurityContextOptionsSchema = struct('WindowsSecurityContextOptions', {
  gmsaCredentialSpec: pointer(goString()),
  gmsaCredentialSpecName: pointer(goString()),
  hostProcess: pointer(goBool()),
  runAsUserName: pointer(goString()),
})

export const seccompProfileSchema = struct('SeccompProfile', {
  type: always(goString()),
  localhostProfile: pointer(goString()),
})

export const appArmorProfileSchema = struct('AppArmorProfile', {
  type: always(goString()),
  localhostProfile: pointer(goString()),
})

export const capabilitiesSchema = struct('Capabilities', {
  add: omit(list(goString(), atomic)),
  drop: omit(list(goString(), atomic)),
})

export const securityContextSchema = struct('SecurityContext', {
  allowPrivilegeEscalation: pointer(goBool()),
  appArmorProfile: pointer(appArmorProfileSchema),
  capabilities: pointer(capabilitiesSchema),
  privileged: pointer(goBool()),
  procMount: pointer(goString()),
  readOnlyRootFilesystem: pointer(goBool()),
  runAsGroup: pointer(int64()),
  runAsNonRoot: pointer(goBool()),
  runAsUser: pointer(int64()),
  seLinuxOptions: pointer(seLinuxOptionsSchema),
  seccompProfile: pointer(seccompProfileSchema),
  windowsOptions: pointer(windowsSecurityContextOptionsSchema),
})
export type SecurityContext = Static<typeof securityContextSchema>

export const sysctlSchema = struct('Sysctl', {
  name: always(goString()),
  value: always(goString()),
})

export const podSecurityContextSchema = struct('PodSecurityContext', {
  appArmorProfile: pointer(appArmorProfileSchema),
  fsGroup: pointer(int64()),
  fsGroupChangePolicy: pointer(goString()),
  runAsGroup: pointer(int64()),
  runAsNonRoot: pointer(goBool()),
  runAsUser: pointer(int64()),
  seLinuxChangePolicy: pointer(goString()),
  seLinuxOptions: pointer(seLinuxOptionsSchema),
  seccompProfile: pointer(seccompProfileSchema),
  supplementalGroups: omit(list(int64(), atomic)),
  supplementalGroupsPolicy: pointer(goString()),
  sysctls: omit(list(sysctlSchema, atomic)),
  windowsOptions: pointer(windowsSecurityContextOptionsSchema),
})
export type PodSecurityContext = Static<typeof podSecurityContextSchema>
