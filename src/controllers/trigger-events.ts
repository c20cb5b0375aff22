import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { type Event, events } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import { apiVersionOf, type Kind } from '../machinery/kind.ts'
import { formatTime, type KubeObject } from '../machinery/object.ts'

export interface Complaint {
  reason: string
  message: string
  /** Who complains; absent: the recorder's own component. */
  component?: string
}

export interface EventRecorder {
  /** Says what is wrong with the object, once for as long as the complaints stay the same; none ends the matter. */
  complain(kind: Kind, object: KubeObject, complaints: readonly Complaint[]): Promise<void>
}

/** Of one object at a time: an annotation has room for thousands of mistakes. */
const most = 10

/** Warning Events about objects. The same one seen again is counted, not repeated. */
export function createEventRecorder(deps: { client: Client; now(): Date; component: string }): EventRecorder {
  const said = new LRUCache<string, string>({ max: 20_000 })
  return {
    async complain(kind, object, complaints) {
      const uid = object.metadata.uid ?? ''
      const text = JSON.stringify(complaints)
      if (complaints.length === 0) {
        said.delete(uid)
        return
      }
      if (said.get(uid) === text) return
      said.set(uid, text)
      for (const complaint of complaints.slice(0, most)) await record(kind, object, complaint, deps)
    },
  }
}

async function record(
  kind: Kind,
  object: KubeObject,
  { reason, message, component: own }: Complaint,
  { client, now, component }: { client: Client; now(): Date; component: string },
): Promise<void> {
  const { name = '', namespace = '', uid = '', resourceVersion } = object.metadata
  const time = formatTime(now())
  const hash = createHash('sha256').update(`${uid}\n${reason}\n${message}`).digest('hex').slice(0, 16)
  const event = {
    metadata: { name: `${name.slice(0, 200)}.${hash}` },
    involvedObject: {
      kind: kind.kind,
      apiVersion: apiVersionOf(kind),
      namespace,
      name,
      uid,
      resourceVersion,
    },
    type: 'Warning',
    reason,
    message,
    source: { component: own ?? component },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  } as Event
  try {
    await client.create(events, namespace, event)
  } catch (error) {
    if (isApiError(error, 'AlreadyExists')) {
      await countAgain(client, namespace, event.metadata.name ?? '', time)
      return
    }
    // The namespace is going away: nobody is left to read it.
    if (!isApiError(error, 'NotFound') && !isApiError(error, 'Forbidden')) throw error
  }
}

async function countAgain(client: Client, namespace: string, name: string, time: string): Promise<void> {
  try {
    const { count } = await client.get(events, namespace, name)
    const body = { count: (count ?? 1) + 1, lastTimestamp: time }
    await client.patch(events, namespace, name, { type: 'merge', body })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}
