import type { KubeObject } from '../../machinery/object.ts'
import { type Json, nameLines, objectOf, objectsOf, sortedEntries } from './kube-lines.ts'
import { none } from './lines.ts'
import { podTemplateLines } from './pod-template.ts'

/** Deployments. Lines with tabs between their cells. */

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (n: number): string => String(n).padStart(2, '0')

/** `Thu, 26 Nov 2026 14:54:49 +0000`. */
export function longTime(time: string | null | undefined): string {
  if (!time) return ''
  const t = new Date(time)
  return `${days[t.getUTCDay()]}, ${two(t.getUTCDate())} ${months[t.getUTCMonth()]} ${t.getUTCFullYear()} ${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())} +0000`
}

export function selectorText(selector: unknown): string {
  const { matchLabels, matchExpressions } = objectOf(selector)
  const equal = sortedEntries(objectOf(matchLabels)).map(([k, v]) => ({ key: k, text: `${k}=${v}` }))
  const others = objectsOf(matchExpressions).map(({ key, operator, values }) => {
    const set = `(${(Array.isArray(values) ? values : []).toSorted().join(',')})`
    const text = {
      In: `${key} in ${set}`,
      NotIn: `${key} notin ${set}`,
      Exists: String(key),
      DoesNotExist: `!${key}`,
    }[String(operator)]
    return { key: String(key), text: text ?? '' }
  })
  const all = [...equal, ...others].sort((a, b) => (a.key < b.key ? -1 : 1))
  return all.map(({ text }) => text).join(',') || none
}

interface ReplicaSet extends KubeObject {
  spec?: { replicas?: number }
  status?: { replicas?: number }
}

const revisionOf = ({ metadata }: KubeObject): number =>
  Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)

/** Those of the deployment, the current one apart. */
function replicaSetLines(deployment: KubeObject, sets: readonly ReplicaSet[]): string {
  const own = sets
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid))
    .sort((a, b) => revisionOf(b) - revisionOf(a))
  const text = ({ metadata, spec, status }: ReplicaSet) =>
    `${metadata.name} (${status?.replicas ?? 0}/${spec?.replicas ?? 0} replicas created)`
  const [current, ...older] = own
  if (current === undefined) return ''
  return `OldReplicaSets:\t${older.map(text).join(', ') || none}\nNewReplicaSet:\t${text(current)}\n`
}

/** Without the events that follow. */
export function describeDeployment(deployment: KubeObject, sets: readonly ReplicaSet[]): string {
  const { spec: specOf, status: statusOf } = deployment as unknown as Json
  const spec = objectOf(specOf)
  const status = objectOf(statusOf)
  const count = (field: string) => Number(status[field] ?? 0)
  const strategy = objectOf(spec.strategy)
  const rolling = objectOf(strategy.rollingUpdate)
  const name = nameLines(deployment, true)
  const created = `CreationTimestamp:\t${longTime(deployment.metadata.creationTimestamp)}\n`
  const conditions = objectsOf(status.conditions)
  return [
    name.replace(/^(Name:.*\nNamespace:.*\n)/, `$1${created}`),
    `Selector:\t${selectorText(spec.selector)}\n`,
    `Replicas:\t${spec.replicas ?? 1} desired | ${count('updatedReplicas')} updated | ${count('replicas')} total | ${count('availableReplicas')} available | ${count('unavailableReplicas')} unavailable\n`,
    `StrategyType:\t${strategy.type ?? ''}\n`,
    `MinReadySeconds:\t${spec.minReadySeconds ?? 0}\n`,
    strategy.rollingUpdate === undefined || strategy.rollingUpdate === null
      ? ''
      : `RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge\n`,
    podTemplateLines(spec.template),
    conditions.length === 0
      ? ''
      : `Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n${conditions.map((c) => `  ${c.type} \t${c.status}\t${c.reason ?? ''}\n`).join('')}`,
    replicaSetLines(deployment, sets),
  ].join('')
}
