import { decode } from './decode.ts'
import { ApiError, type Status } from './errors.ts'
import { apiVersionOf, type Kind } from './kind.ts'
import type { KubeObject } from './object.ts'

/** One line of a watch (Kubernetes API concepts, "Efficient detection of changes"). */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

/** Marks the bookmark that ends the initial events of a streaming list. */
export const initialEventsEnd = 'k8s.io/initial-events-end'

/** The event's line, with its newline. */
export function formatWatchEvent(type: WatchEventType, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`
}

/** An otherwise empty object of the kind: every event up to the revision has been sent (image-api.md §16, r544). */
export function toBookmark(
  kind: Pick<Kind, 'group' | 'version' | 'kind' | 'schema'>,
  revision: number,
  options: { endsInitialEvents?: boolean } = {},
): KubeObject {
  const annotations = options.endsInitialEvents ? { annotations: { [initialEventsEnd]: 'true' } } : {}
  const metadata = { resourceVersion: String(revision), ...annotations }
  const { value } = decode<KubeObject>(kind.schema, { metadata })
  return { ...value, kind: kind.kind, apiVersion: apiVersionOf(kind) }
}

/** The error of a watch from a revision that is no longer kept: its one event has code 410 (r547). */
export function tooOldRevision(asked: number, oldest: number): ApiError {
  return new ApiError(410, 'Expired', `too old resource version: ${asked} (${oldest})`)
}

/** The object of an ERROR event. */
export function toErrorObject(error: ApiError): Status {
  return error.toStatus()
}
