import { trackUpdate } from '../machinery/apply/index.ts'
import { formatTime, type KubeObject } from '../machinery/object.ts'
import type { WriteRequest, WriteStrategy } from './write-strategy.ts'

export interface TrackOptions {
  /** undefined: nobody keeps account. */
  manager: string | undefined
  subresource: string
}

/** The object with the managedFields that its write leaves it with: `live` is what was there, if anything was. */
export function withTracking(
  strategy: WriteStrategy,
  live: KubeObject | undefined,
  next: KubeObject,
  request: WriteRequest,
  { manager, subresource }: TrackOptions,
): KubeObject {
  if (manager === undefined) return next
  const { managedFields: sent, ...metadata } = next.metadata
  // Most objects have none and never will: their writes cost nothing here.
  if (live !== undefined && sent === undefined && live.metadata.managedFields === undefined) return next
  const wished = strategy.defaults?.(next, request) ?? next
  const writer = { manager, subresource, now: formatTime(request.now) }
  const managedFields = trackUpdate(strategy.kind, live, wished, writer)
  return { ...next, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } }
}
