import { type Event, events, type ImagePruner, imagePruners } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import { apiVersionOf } from '../machinery/kind.ts'
import { formatTime } from '../machinery/object.ts'

/** Events about what has no namespace stand in this one, as Kubernetes has it. */
const namespace = 'default'

/** An Event for the last run that went well and one for the last that did not, each counted. */
export async function recordPrune(
  client: Client,
  { metadata }: ImagePruner,
  { isFailure, message }: { isFailure: boolean; message: string },
  now: Date,
): Promise<void> {
  const time = formatTime(now)
  const reason = isFailure ? 'PruneFailed' : 'Pruned'
  const name = `${metadata.name}.${reason.toLowerCase()}`
  const said = { message: message.slice(0, 1024), lastTimestamp: time }
  try {
    const { count } = await client.get(events, namespace, name)
    await client.patch(events, namespace, name, { type: 'merge', body: { ...said, count: (count ?? 1) + 1 } })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
    const event = {
      metadata: { name },
      involvedObject: {
        kind: imagePruners.kind,
        apiVersion: apiVersionOf(imagePruners),
        name: metadata.name,
        uid: metadata.uid,
      },
      type: isFailure ? 'Warning' : 'Normal',
      reason,
      source: { component: 'image-pruner' },
      firstTimestamp: time,
      count: 1,
      ...said,
    } as Event
    await client.create(events, namespace, event)
  }
}
