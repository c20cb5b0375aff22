import { formatAgeSince } from '../../machinery/age.ts'
import type { Pod } from './pod.ts'

type ContainerStatus = NonNullable<Pod['status']['containerStatuses']>[number]

/** `1/2`: containers that are ready, of all. */
export function podReadiness(pod: Pod): string {
  const ready = (pod.status.containerStatuses ?? []).filter((status) => status.ready).length
  return `${ready}/${pod.spec.containers.length}`
}

/** `0`, or `3 (2m ago)`. */
export function podRestarts(pod: Pod, now: Date): string {
  const statuses = pod.status.containerStatuses ?? []
  const restarts = statuses.reduce((sum, status) => sum + status.restartCount, 0)
  const ends = statuses
    .map((status) => status.lastState.terminated?.finishedAt ?? '')
    .filter((end) => end !== '')
  const last = ends.sort().at(-1)
  return restarts === 0 || last === undefined
    ? String(restarts)
    : `${restarts} (${formatAgeSince(last, now)} ago)`
}

function stateReason({ state }: ContainerStatus): string | undefined {
  if (state.waiting?.reason) return state.waiting.reason
  const ended = state.terminated
  if (ended === undefined) return undefined
  if (ended.reason) return ended.reason
  return ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`
}

function initReason(pod: Pod): string | undefined {
  const total = pod.spec.initContainers?.length ?? 0
  for (const [index, status] of (pod.status.initContainerStatuses ?? []).entries()) {
    if (status.state.terminated?.exitCode === 0) continue
    const reason = stateReason(status)
    return reason === undefined || reason === 'PodInitializing' ? `Init:${index}/${total}` : `Init:${reason}`
  }
  return undefined
}

/** The Status column: the most telling of deletion, init containers, containers, reason and phase. */
export function podStatusText(pod: Pod): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating'
  const init = initReason(pod)
  if (init !== undefined) return init
  const reasons = (pod.status.containerStatuses ?? [])
    .map(stateReason)
    .filter((reason) => reason !== undefined)
  return reasons[0] ?? (pod.status.reason || pod.status.phase || 'Unknown')
}
