import type { Kind } from '../../machinery/kind.ts'
import { blobCollections } from './blob-collection.ts'
import { blobRestorations } from './blob-restoration.ts'
import { blobReviews } from './blob-review.ts'
import { storageReports } from './storage-report.ts'
import { tagEvents } from './tag-event.ts'
import { tagHolds } from './tag-hold.ts'
import { tagNotices } from './tag-notice.ts'
import { tagRollbacks } from './tag-rollback.ts'
import { tagWebhooks } from './tag-webhook.ts'

export { type BlobCollection, type BlobCollectionStatus, blobCollections } from './blob-collection.ts'
export { type BlobRestoration, type BlobRestorationStatus, blobRestorations } from './blob-restoration.ts'
export { type BlobReview, type BlobReviewStatus, blobReviews } from './blob-review.ts'
export { weirGroup, weirResource } from './group.ts'
export { type StorageReport, type StorageReportStatus, storageReports } from './storage-report.ts'
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
export type { TagNotice, TagNoticeSpec, TagNoticeStatus } from './tag-notice.ts'
export { redeliverAnnotation, tagNotices } from './tag-notice.ts'
export type { TagRollback } from './tag-rollback.ts'
export { tagRollbacks } from './tag-rollback.ts'
export type { TagNoticeResult, TagWebhook, TagWebhookSpec, TagWebhookStatus } from './tag-webhook.ts'
export { tagWebhooks } from './tag-webhook.ts'

/** What Weir has and OpenShift doesn't. */
export const weirKinds: readonly Kind[] = [
  blobCollections,
  blobRestorations,
  blobReviews,
  storageReports,
  tagEvents,
  tagHolds,
  tagNotices,
  tagRollbacks,
  tagWebhooks,
]
