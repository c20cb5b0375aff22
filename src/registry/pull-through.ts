import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { BlobSender, ByteRange } from '../blobs/index.ts'
import type { Digest } from '../oci/index.ts'
import type { StreamView } from './stream-reader.ts'

/** What is not here may be where the stream imported it from (registry.md §16). */

export interface PullThroughRequest {
  stream: StreamView
  digest: Digest
  /** The tag that was asked for; absent when asked by digest. */
  tag?: string
  /** Of the request that is being answered: for the loop guard (B-67). */
  headers: IncomingHttpHeaders
  /** Absolute URL of that request. */
  url: string
  /** Aborted when the client has gone. */
  signal: AbortSignal
}

export interface PulledManifest {
  /** Verified against the digest. */
  bytes: Uint8Array
  mediaType: string
}

export interface PulledBlob {
  /** Of the whole blob. */
  size: number
  contentType: string
  /** Absent when only the size was asked for. Fails, rather than ends, when upstream ends short or sends other bytes. */
  body?: Readable | BlobSender
  /** What the body holds, when upstream honoured the range. */
  range?: ByteRange
}

export interface PullThrough {
  /** undefined when no source has it. RegistryError for what the client is to be told (B-52). */
  manifest(request: PullThroughRequest): Promise<PulledManifest | undefined>
  /** As above; `want` says how much of the blob. */
  blob(request: PullThroughRequest, want: 'size' | 'all' | ByteRange): Promise<PulledBlob | undefined>
}
