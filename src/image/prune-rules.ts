import type { References } from './prune-references.ts'

/** What stays (pruning.md §1, §4). */
export interface PruneRules {
  /** Milliseconds since 1970: what was created after it stays. -Infinity, the time that is not set, keeps everything. */
  threshold: number
  /** Revisions of each tag that stay, by place. */
  keepRevisions: number
  /** Bytes above which an image goes, by namespace; set in over-size mode, in which age and revisions don't count. */
  limits?: ReadonlyMap<string, number>
  references: References
  /** P-23, the careful way: the status of a tag that is only a reference stays. */
  keepReferenceTags: boolean
}
