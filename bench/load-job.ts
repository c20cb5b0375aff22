import type { RawRequest, Target } from './http-connection.ts'
import type { TransfersJob } from './transfers.ts'
import type { TriggerJob } from './trigger-latency.ts'

/** Work for the load generator's process. Everything is prepared before its clock starts. */
export type Job =
  | RepeatJob
  | {
      kind: 'upload-blobs'
      target: Target
      repository: string
      size: number
      count: number
      connections: number
    }
  | { kind: 'push-image'; target: Target; repository: string; tag: string; layers: number; layerSize: number }
  | { kind: 'hash'; size: number; count: number }
  | TransfersJob
  | TriggerJob
  | { kind: 'until-resolved'; target: Target; namespace: string; count: number }
  | {
      kind: 'watch-latency'
      target: Target
      namespace: string
      stream: string
      count: number
      /** How many watch; 1 when absent. */
      watchers?: number
    }

/** The same requests in turn, over all connections together. `{n}` in path and body becomes a number that counts from `first`. */
export interface RepeatJob {
  kind: 'repeat'
  target: Target
  requests: readonly (Omit<RawRequest, 'body'> & { body?: string })[]
  /** At most so many. */
  count: number
  /** Absent: until all are done. */
  seconds?: number
  connections: number
  first?: number
}

export interface JobResult {
  seconds: number
  /** Bytes of bodies that moved, in the direction that the job is about. */
  bytes: number
  /** Milliseconds of each piece of work, where single ones are measured. */
  latencies: readonly number[]
  /** Of a watch: milliseconds until the patch itself was answered. */
  answers?: readonly number[]
  /** What the job made and others go on with: the digest of the last manifest, or of each blob. */
  digests: readonly string[]
}

export type JobReply = { result: JobResult } | { error: string }
