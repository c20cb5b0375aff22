/** What becomes of a blob, and why. Pure: times in milliseconds since 1970, spans in milliseconds. */

export interface BlobFacts {
  isMarked: boolean
  /** When somebody asked for it or stored it; undefined when it is long ago. */
  lastUse: number | undefined
  /** When a repository that links it was last written to; undefined when it is long ago. */
  lastWork: number | undefined
  /** When its bytes were written: asked only while leases of before a restart are missing. */
  written: number | undefined
}

export interface JudgeSettings {
  now: number
  grace: number
  trashPeriod: number
  /** Since when leases are complete. */
  since: number
}

export type BlobVerdict =
  | { kind: 'keep' }
  /** Nothing refers to it, but somebody may be about to. */
  | { kind: 'wait'; why: 'recent' | 'push' | 'young'; until: number }
  | { kind: 'discard' }

export function judgeBlob(facts: BlobFacts, { now, grace }: JudgeSettings): BlobVerdict {
  const { isMarked, lastUse, lastWork, written } = facts
  if (isMarked) return { kind: 'keep' }
  if (lastUse !== undefined) return { kind: 'wait', why: 'recent', until: lastUse + grace }
  if (lastWork !== undefined) return { kind: 'wait', why: 'push', until: lastWork + grace }
  if (written !== undefined && now - written < grace)
    return { kind: 'wait', why: 'young', until: written + grace }
  return { kind: 'discard' }
}

export interface DiscardedFacts {
  isMarked: boolean
  lastUse: number | undefined
  discarded: number
  /** A pruner took it, on purpose. */
  isPruned: boolean
  /** The same content has been stored anew. */
  isStoredAgain: boolean
}

export type DiscardedVerdict =
  | { kind: 'restore' }
  | { kind: 'wait'; until: number }
  /** Of no more use, or nobody wanted it back. */
  | { kind: 'delete'; why: 'stored-again' | 'expired' }

export function judgeDiscarded(facts: DiscardedFacts, settings: JudgeSettings): DiscardedVerdict {
  const { isMarked, lastUse, discarded, isPruned, isStoredAgain } = facts
  const { now, grace, trashPeriod, since } = settings
  if (isStoredAgain) return { kind: 'delete', why: 'stored-again' }
  // A pruner takes blobs before it takes the Image that names them.
  if (isMarked && isPruned && now - discarded < grace) return { kind: 'wait', until: discarded + grace }
  if (isMarked) return { kind: 'restore' }
  const until = Math.max(discarded + trashPeriod, since + grace)
  if (now < until) return { kind: 'wait', until }
  // Somebody asks for it right now: he gets it, and it is gone later.
  if (lastUse !== undefined && !isPruned) return { kind: 'wait', until: lastUse + grace }
  return { kind: 'delete', why: 'expired' }
}
