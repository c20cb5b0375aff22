/** Bounds of everything that another registry may make us wait for or hold in memory (threat 7). */
export interface Limits {
  /** Bytes of a manifest. */
  manifestBytes: number
  /** Bytes of an image config, and of any blob that is read whole. */
  configBytes: number
  /** Bytes of one page of a tag list. */
  tagPageBytes: number
  tagPages: number
  /** Tags over all pages. */
  tags: number
  /** Bytes of a token server's answer, and of an error's body. */
  smallBodyBytes: number
  redirects: number
  /** Milliseconds, all of them. */
  connectTimeout: number
  headersTimeout: number
  /** Longest silence within a body. */
  bodyIdleTimeout: number
  /** The first question to a registry, whole (import.md §3.2). */
  pingTimeout: number
  /** Anything that is read whole: manifests, configs, tag pages, tokens. */
  documentTimeout: number
  /** A blob slower than this over a minute is given up: bytes per second. */
  minimumRate: number
  /** Requests at once to one host, but for blobs that stream. */
  concurrency: number
  /** Blobs at once from one host, each until its last byte: slow readers must not keep others from asking. */
  streams: number
  /** Requests per second to one host, over all callers. */
  requestsPerSecond: number
  /** Requests that may go out at once after a quiet time. */
  requestBurst: number
  /** The same, per second and at once, to a host that announces a rate limit in its answers. */
  meteredRequests: number
  /** Tries after the first, for what is temporary (import.md §3.7). */
  retries: number
  networkRetryDelay: number
  rateLimitRetryDelay: number
  serverErrorRetryDelay: number
  /** The longest pause that a registry's `Retry-After` may ask of a waiting caller; longer ones fail the call. */
  longestPause: number
  /** How long the answer to the first question counts. */
  pingLifetime: number
}

export const defaultLimits: Limits = {
  manifestBytes: 4 * 1024 * 1024,
  configBytes: 8 * 1024 * 1024,
  tagPageBytes: 8 * 1024 * 1024,
  tagPages: 1000,
  tags: 200_000,
  smallBodyBytes: 256 * 1024,
  redirects: 5,
  connectTimeout: 10_000,
  headersTimeout: 30_000,
  bodyIdleTimeout: 30_000,
  pingTimeout: 15_000,
  documentTimeout: 60_000,
  minimumRate: 1024,
  concurrency: 8,
  streams: 64,
  requestsPerSecond: 100,
  requestBurst: 200,
  meteredRequests: 5,
  retries: 2,
  networkRetryDelay: 1000,
  rateLimitRetryDelay: 2000,
  serverErrorRetryDelay: 5000,
  longestPause: 10_000,
  pingLifetime: 300_000,
}
