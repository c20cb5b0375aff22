import type { Pod } from './pod.ts'

const counted = ['cpu', 'memory']

/** How soon a pod has to go when its node runs short: by what it asks for (Kubernetes "Pod Quality of Service Classes"). */
export function qosClass({ spec }: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const resources = [...spec.containers, ...(spec.initContainers ?? [])].map(
    (container) => container.resources,
  )
  const asks = (map: Record<string, string> | undefined) => counted.some((name) => map?.[name] !== undefined)
  if (!resources.some(({ limits, requests }) => asks(limits) || asks(requests))) return 'BestEffort'
  const isFixed = resources.every(({ limits = {}, requests = {} }) =>
    counted.every((name) => limits[name] !== undefined && limits[name] === (requests[name] ?? limits[name])),
  )
  return isFixed ? 'Guaranteed' : 'Burstable'
}
