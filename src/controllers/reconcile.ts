/** The one loop that all controllers are (style.md habit 9): a key in, the present read afresh, a verdict out. */

/** `namespace/name`, or `name` alone for cluster-scoped things. */
export type ObjectKey = string

export type Verdict =
  | { kind: 'settled' }
  /** Look again after so many milliseconds; `why` ends up in the log. */
  | { kind: 'again'; after: number; why: string }

export const settled: Verdict = { kind: 'settled' }

/** A thrown error backs off and is tried again; a TerminalError is reported and left until the key comes again. */
export type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<Verdict>

export class TerminalError extends Error {
  override readonly name = 'TerminalError'
}

/** A key that others may overtake, such as one that is looked at only because the program has just started. */
export interface PatientKey {
  key: ObjectKey
  canWait: true
}

/** Where keys come from: yields one whenever something about it may have changed; ends with the signal. */
export type KeySource = (signal: AbortSignal) => AsyncIterable<ObjectKey | PatientKey>

export interface Controller {
  name: string
  /** How many keys are worked on at once; one key never runs twice at the same time. */
  concurrency: number
  /** Milliseconds; the longest wait after failures. */
  maxBackoff?: number
  sources: readonly KeySource[]
  reconcile: Reconcile
}
