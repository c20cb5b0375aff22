import type { Container } from './container.ts'
import type { Pod } from './pod.ts'
import type { ServiceAccount } from './service-account.ts'
import type { Volume } from './volume.ts'

/** Seconds that a pod stays on a node that has gone silent. */
const lostNodeSeconds = 300
const lostNodeTaints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** What every new pod gets besides the defaults: an account, a priority, and patience with its node. */
export function withPodAdmission(pod: Pod): Pod {
  const { spec } = pod
  const account = spec.serviceAccountName || 'default'
  const present = spec.tolerations ?? []
  const missing = lostNodeTaints.filter(
    (taint) =>
      !present.some(({ key, effect }) => (!key || key === taint) && (!effect || effect === 'NoExecute')),
  )
  const added = missing.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: lostNodeSeconds,
  }))
  return {
    ...pod,
    spec: {
      ...spec,
      serviceAccountName: account,
      serviceAccount: account,
      priority: spec.priority ?? 0,
      preemptionPolicy: spec.preemptionPolicy ?? 'PreemptLowerPriority',
      tolerations: [...present, ...added],
    },
  }
}

const tokenFolder = '/var/run/secrets/kubernetes.io/serviceaccount'
/** An hour, and some seconds by which such tokens are told from others. */
const tokenSeconds = 3607

function tokenVolume(name: string): Volume {
  const file = (configMap: string, key: string) => ({
    configMap: { name: configMap, items: [{ key, path: key }] },
  })
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        file('kube-root-ca.crt', 'ca.crt'),
        { downwardAPI: { items: [namespace] } },
        file('openshift-service-ca.crt', 'service-ca.crt'),
      ],
      defaultMode: 0o644,
    },
  }
}

/**
 * What the pod's service account brings along: its pull secrets, unless the pod names its own, and its token as a
 * volume called `volumeName` (`kube-api-access-<5 characters>`) in each container that mounts nothing there.
 */
export function withServiceAccount(pod: Pod, account: ServiceAccount, volumeName: string): Pod {
  const { spec } = pod
  const secrets = (spec.imagePullSecrets ?? []).length > 0 ? spec.imagePullSecrets : account.imagePullSecrets
  const withSecrets = { ...spec, ...(secrets === undefined ? {} : { imagePullSecrets: secrets }) }
  const isMounted = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
  if (!isMounted) return { ...pod, spec: withSecrets }
  const mount = <T extends Container>(container: T): T => {
    const mounts = container.volumeMounts ?? []
    if (mounts.some(({ mountPath }) => mountPath === tokenFolder)) return container
    return {
      ...container,
      volumeMounts: [...mounts, { name: volumeName, readOnly: true, mountPath: tokenFolder }],
    }
  }
  return {
    ...pod,
    spec: {
      ...withSecrets,
      volumes: [...(spec.volumes ?? []), tokenVolume(volumeName)],
      containers: spec.containers.map(mount),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(mount) }),
    },
  }
}
