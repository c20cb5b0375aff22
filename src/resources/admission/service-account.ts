import { setTimeout as sleep } from 'node:timers/promises'
import { type Pod, pods, type ServiceAccount, serviceAccounts, withServiceAccount } from '../../api/index.ts'
import { forbidden } from '../../machinery/errors.ts'
import { generateName } from '../../machinery/index.ts'
import { objectKey } from '../keys.ts'
import type { EndpointDeps } from '../resources.ts'
import type { Admit } from './admission.ts'

/** A namespace is there a moment before its accounts are. */
const attempts = 10
const pause = 100

/** What a new pod gets from the service account that it runs as: pull secrets and its token (`ServiceAccount` of Kubernetes). */
export function admitServiceAccount(deps: Pick<EndpointDeps, 'store' | 'cache' | 'random'>): Admit {
  const find = async (namespace: string, name: string): Promise<ServiceAccount | undefined> => {
    const entry = await deps.store.get(objectKey(serviceAccounts, namespace, name))
    return entry === undefined ? undefined : (deps.cache.decode(entry) as ServiceAccount)
  }
  const wait = async (namespace: string, name: string): Promise<ServiceAccount | undefined> => {
    for (let attempt = 1; attempt < attempts; attempt++) {
      const account = await find(namespace, name)
      if (account !== undefined || name !== 'default') return account
      await sleep(pause, undefined, { ref: false })
    }
    return find(namespace, name)
  }
  return async (next, old, { namespace }) => {
    const pod = next as Pod
    const isMirror = pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
    // A pod without a spec is the validation's to refuse.
    if (old !== undefined || isMirror || !Array.isArray(pod.spec?.containers)) return next
    const name = pod.spec.serviceAccountName || pod.spec.serviceAccount || 'default'
    const account = await wait(namespace, name)
    if (account !== undefined) {
      return withServiceAccount(pod, account, generateName('kube-api-access-', deps.random))
    }
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`
    throw forbidden({ group: pods.group, resource: pods.plural }, pod.metadata.name ?? '', why)
  }
}
