import type { Kind } from '../../machinery/kind.ts'
import { tagEvents } from './tag-event.ts'
import { tagHolds } from './tag-hold.ts'
import { tagRollbacks } from './tag-rollback.ts'

export { weirGroup, weirResource } from './group.ts'
export type {
  ImageChange,
  TagEventCause,
  TagEventRecord,
  TagEventSource,
  TagState,
} from './tag-event.ts'
export { tagEventCauses, tagEventMicros, tagEventName, tagEventPrefix, tagEvents } from './tag-event.ts'
export type { TagHold } from './tag-hold.ts'
export { tagHolds } from './tag-hold.ts'
export type { TagRollback } from './tag-rollback.ts'
export { tagRollbacks } from './tag-rollback.ts'

/** What Weir has and OpenShift doesn't. */
export const weirKinds: readonly Kind[] = [tagEvents, tagHolds, tagRollbacks]
