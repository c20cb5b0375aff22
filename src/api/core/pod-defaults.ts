import type { Container, EphemeralContainer } from './container.ts'
import type { EnvVar } from './env-var.ts'
import type { PodSpec } from './pod-spec.ts'
import type { PodTemplateSpec } from './pod-template-spec.ts'
import type { Probe } from './probe.ts'
import type { Volume } from './volume.ts'

/** The defaults that the Kubernetes API puts into every pod and pod template, so that clients find them filled in. */

const defaultFileMode = 0o644
const tokenSeconds = 3600

/** The tag of an image reference: `latest` when it has none, '' when it names a digest or is blank. */
function tagOf(image: string): string {
  if (image.includes('@') || image.trim() === '') return ''
  const colon = image.lastIndexOf(':')
  return colon > image.lastIndexOf('/') ? image.slice(colon + 1) : 'latest'
}

function withProbeDefaults<T extends Probe>(probe: T): T {
  return {
    ...probe,
    ...(probe.httpGet === undefined
      ? {}
      : {
          httpGet: {
            ...probe.httpGet,
            path: probe.httpGet.path || '/',
            scheme: probe.httpGet.scheme || 'HTTP',
          },
        }),
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  }
}

function withEnvDefaults(env: EnvVar): EnvVar {
  const fieldRef = env.valueFrom?.fieldRef
  if (fieldRef === undefined) return env
  return {
    ...env,
    valueFrom: { ...env.valueFrom, fieldRef: { ...fieldRef, apiVersion: fieldRef.apiVersion || 'v1' } },
  }
}

function withContainerDefaults<T extends Container | EphemeralContainer>(container: T): T {
  const next = {
    ...container,
    resources: container.resources ?? {},
    terminationMessagePath: container.terminationMessagePath || '/dev/termination-log',
    terminationMessagePolicy: container.terminationMessagePolicy || 'File',
    imagePullPolicy:
      container.imagePullPolicy || (tagOf(container.image ?? '') === 'latest' ? 'Always' : 'IfNotPresent'),
  }
  if (container.ports !== undefined) {
    next.ports = container.ports.map((port) => ({ ...port, protocol: port.protocol || 'TCP' }))
  }
  if (container.env !== undefined) next.env = container.env.map(withEnvDefaults)
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = container[name]
    if (probe !== undefined) next[name] = withProbeDefaults(probe)
  }
  return next
}

function withVolumeDefaults(volume: Volume): Volume {
  const { name, ...source } = volume
  if (Object.values(source).every((value) => value === undefined)) return { name, emptyDir: {} }
  const next = { ...volume }
  for (const kind of ['secret', 'configMap', 'downwardAPI', 'projected'] as const) {
    const found = volume[kind]
    if (found !== undefined) {
      Object.assign(next, { [kind]: { ...found, defaultMode: found.defaultMode ?? defaultFileMode } })
    }
  }
  if (volume.hostPath !== undefined) next.hostPath = { ...volume.hostPath, type: volume.hostPath.type ?? '' }
  if (next.projected?.sources !== undefined) {
    next.projected = { ...next.projected, sources: next.projected.sources.map(withTokenDefaults) }
  }
  return next
}

type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number]

function withTokenDefaults(source: Projection): Projection {
  const token = source.serviceAccountToken
  if (token === undefined) return source
  return {
    ...source,
    serviceAccountToken: { ...token, expirationSeconds: token.expirationSeconds ?? tokenSeconds },
  }
}

/** `serviceAccount` is the old name of `serviceAccountName`: both always say the same. */
function serviceAccountOf(spec: PodSpec): Pick<PodSpec, 'serviceAccount' | 'serviceAccountName'> {
  const name = spec.serviceAccountName || spec.serviceAccount
  return name ? { serviceAccountName: name, serviceAccount: name } : {}
}

export function withPodSpecDefaults(spec: PodSpec): PodSpec {
  const next: PodSpec = {
    ...spec,
    ...serviceAccountOf(spec),
    containers: (spec.containers ?? []).map(withContainerDefaults),
    restartPolicy: spec.restartPolicy || 'Always',
    dnsPolicy: spec.dnsPolicy || 'ClusterFirst',
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
    securityContext: spec.securityContext ?? {},
    schedulerName: spec.schedulerName || 'default-scheduler',
  }
  if (spec.initContainers !== undefined) next.initContainers = spec.initContainers.map(withContainerDefaults)
  if (spec.ephemeralContainers !== undefined) {
    next.ephemeralContainers = spec.ephemeralContainers.map(withContainerDefaults)
  }
  if (spec.volumes !== undefined) next.volumes = spec.volumes.map(withVolumeDefaults)
  return next
}

export function withTemplateDefaults<T extends PodTemplateSpec>(template: T): T {
  return { ...template, spec: withPodSpecDefaults(template.spec) }
}
