import type { Rest } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { ageOf, columnAge } from '../print/age.ts'
import { none } from './lines.ts'

/** The events about an object, as descriptions of Kubernetes' own kinds end in them. */

interface EventObject {
  type?: string
  reason?: string
  message?: string
  count?: number
  eventTime?: string | null
  firstTimestamp?: string | null
  lastTimestamp?: string | null
  source?: { component?: string }
  reportingComponent?: string
  series?: { count?: number; lastObservedTime?: string | null } | null
}

function interval(event: EventObject, now: Date): string {
  const age = (time: string | null | undefined) => (time ? columnAge(ageOf(time, now)) : '<unknown>')
  const first = age(event.eventTime ?? event.firstTimestamp)
  if (event.series) return `${age(event.series.lastObservedTime)} (x${event.series.count ?? 0} over ${first})`
  return (event.count ?? 0) > 1 ? `${age(event.lastTimestamp)} (x${event.count} over ${first})` : first
}

export function eventLines(events: readonly EventObject[], now: Date): string {
  if (events.length === 0) return `Events:\t${none}\n`
  const sorted = events.toSorted((a, b) => ((a.lastTimestamp ?? '') < (b.lastTimestamp ?? '') ? -1 : 1))
  const rows = sorted.map((event) => {
    const from = event.source?.component || event.reportingComponent || ''
    return `  ${event.type ?? ''}\t${event.reason ?? ''}\t${interval(event, now)}\t${from}\t${(event.message ?? '').trim()}\n`
  })
  return `Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n${rows.join('')}`
}

/** What is not allowed to be read counts as no events. */
export async function readEventLines(rest: Rest, object: KubeObject, now: Date): Promise<string> {
  const { name = '', namespace = '', uid = '' } = object.metadata
  const selector = [
    `involvedObject.name=${name}`,
    `involvedObject.namespace=${namespace}`,
    `involvedObject.kind=${object.kind ?? ''}`,
    `involvedObject.uid=${uid}`,
  ].join(',')
  const list = await rest
    .json<{ items?: EventObject[] }>({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace || 'default'}/events`,
      query: { fieldSelector: selector, limit: 500 },
    })
    .catch(() => ({ items: [] }))
  return eventLines(list.items ?? [], now)
}
