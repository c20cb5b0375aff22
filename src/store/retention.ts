import type { Revision } from './store.ts'

/** How much history is kept; what either bound exceeds is forgotten. Neither: all of it. */
export interface Retention {
  /** The newest so many revisions. */
  keepRevisions?: number
  /** What is younger than so many milliseconds. What was there at the opening counts from then on. */
  keepMs?: number
}

/** Decides how far history may be forgotten. */
export class RetentionPolicy {
  readonly #retention: Retention
  /** What was newest when, oldest first; the first is the youngest that is old enough, once one is. */
  readonly #seen: { at: number; revision: Revision }[] = []

  constructor(retention: Retention) {
    this.#retention = retention
  }

  /** How often to ask `target`, in milliseconds. */
  get every(): number {
    return Math.max(10, Math.min(10_000, (this.#retention.keepMs ?? 100_000) / 10))
  }

  /** The newest revision that may be forgotten at this time, in milliseconds of any clock that does not go back. */
  target(newest: Revision, now: number): Revision {
    const { keepRevisions = Number.POSITIVE_INFINITY, keepMs = Number.POSITIVE_INFINITY } = this.#retention
    this.#seen.push({ at: now, revision: newest })
    while (this.#seen.length > 1 && now - this.#seen[1]!.at >= keepMs) this.#seen.shift()
    const oldest = this.#seen[0]!
    const byAge = now - oldest.at >= keepMs ? oldest.revision : 0
    if (keepMs === Number.POSITIVE_INFINITY) this.#seen.length = 0
    return Math.max(0, byAge, newest - keepRevisions)
  }
}
