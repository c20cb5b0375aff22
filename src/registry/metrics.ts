import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Counter, Gauge, Registry, Summary } from 'prom-client'
import type { BlobStore } from '../blobs/index.ts'
import type { Answer } from './answer.ts'
import type { RegistryConfig } from './config.ts'
import { parseCredentials } from './credentials.ts'
import { measureStorage } from './measure-storage.ts'

/** What is measured of one request. */
export interface RequestTiming {
  /** Decided what to answer; its headers go out now. */
  answered(answer: Answer): void
  /** The answer is out, or was cut off. */
  ended(): void
}

/** `GET /extensions/v2/metrics` (registry.md B-92). */
export interface RegistryMetrics {
  begin(request: IncomingMessage): RequestTiming
  /** Times the work as one operation of the registry. */
  operation(name: string, work: () => Promise<Answer>): Promise<Answer>
  /** The same blobs, every call timed and every failure counted. */
  storage(blobs: BlobStore): BlobStore
  /** The memory of which repository has which blob was asked. */
  cacheRequest(isHit: boolean): void
  /** Another registry was asked on behalf of a client. */
  pulled(request: PulledRequest): void
  answer(): Promise<Answer>
}

export interface PulledRequest {
  registry: string
  operation: string
  seconds: number
  /** The registry's error code; absent when it went well. */
  code?: string
  /** Of a blob: where it is was not known before. */
  isMiss?: boolean
}

const percentiles = [0.5, 0.9, 0.99]

function createInstruments(registry: Registry) {
  const registers = [registry]
  const summary = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Summary({ name: `imageregistry_${name}`, help, labelNames, percentiles, registers })
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name: `imageregistry_${name}`, help, labelNames, registers })
  return {
    inFlight: new Gauge({
      name: 'imageregistry_http_in_flight_requests',
      help: 'Requests that are being served.',
      registers,
    }),
    total: new Counter({
      name: 'imageregistry_http_requests_total',
      help: 'Requests, by status and method.',
      labelNames: ['code', 'method'],
      registers,
    }),
    duration: summary('http_request_duration_seconds', 'Time until the answer was out.', ['method']),
    requestSize: summary('http_request_size_bytes', 'Bytes of request bodies as announced.', []),
    responseSize: summary('http_response_size_bytes', 'Bytes of answers as announced.', []),
    timeToHeader: summary('http_time_to_write_header_seconds', 'Time until the headers were out.', []),
    operations: summary('request_duration_seconds', 'Time of the operations of the registry.', ['operation']),
    storage: summary('storage_duration_seconds', 'Time of the operations of the storage.', ['operation']),
    storageErrors: counter('storage_errors_total', 'Operations of the storage that failed.', [
      'operation',
      'code',
    ]),
    digestCache: counter('digest_cache_requests_total', 'Questions to the memory of blobs.', ['type']),
    scopedCache: counter('digest_cache_scoped_requests_total', 'The same, within a repository.', ['type']),
    pulls: summary('pullthrough_repository_duration_seconds', 'Time of requests to other registries.', [
      'registry',
      'operation',
    ]),
    pullErrors: counter('pullthrough_repository_errors_total', 'Requests to other registries that failed.', [
      'registry',
      'operation',
      'code',
    ]),
    pullCache: counter('pullthrough_blobstore_cache_requests_total', 'Blobs of other registries.', ['type']),
  }
}

const unmeasured: RequestTiming = { answered: () => undefined, ended: () => undefined }

const disabled: RegistryMetrics = {
  begin: () => unmeasured,
  operation: (_name, work) => work(),
  storage: (blobs) => blobs,
  cacheRequest: () => undefined,
  pulled: () => undefined,
  answer: async () => ({ status: 404, headers: { 'Content-Length': '0' } }),
}

export function createRegistryMetrics(isEnabled: boolean): RegistryMetrics {
  if (!isEnabled) return disabled
  const registry = new Registry()
  const instruments = createInstruments(registry)
  const { inFlight, total, duration, requestSize, responseSize, timeToHeader } = instruments
  return {
    async operation(operation, work) {
      const end = instruments.operations.startTimer({ operation })
      try {
        return await work()
      } finally {
        end()
      }
    },
    storage: (blobs) =>
      measureStorage(blobs, (operation, seconds, code) => {
        instruments.storage.observe({ operation }, seconds)
        if (code !== undefined) instruments.storageErrors.inc({ operation, code })
      }),
    cacheRequest(isHit) {
      const type = isHit ? 'Hit' : 'Miss'
      instruments.digestCache.inc({ type })
      instruments.scopedCache.inc({ type })
    },
    pulled({ registry: host, operation, seconds, code, isMiss }) {
      const labels = { registry: host.toLowerCase(), operation }
      instruments.pulls.observe(labels, seconds)
      if (code !== undefined) instruments.pullErrors.inc({ ...labels, code })
      if (isMiss !== undefined) instruments.pullCache.inc({ type: isMiss ? 'Miss' : 'Hit' })
    },
    begin(request) {
      const start = performance.now()
      const seconds = (): number => (performance.now() - start) / 1000
      const method = (request.method ?? 'GET').toLowerCase()
      let code = '499'
      inFlight.inc()
      return {
        answered({ status, headers }) {
          code = String(status)
          timeToHeader.observe(seconds())
          responseSize.observe(Number(headers['Content-Length'] ?? 0))
        },
        ended() {
          inFlight.dec()
          total.inc({ code, method })
          duration.observe({ method }, seconds())
          requestSize.observe(Number(request.headers['content-length'] ?? 0))
        },
      }
    },
    async answer() {
      const body = Buffer.from(await registry.metrics())
      return {
        status: 200,
        headers: { 'Content-Type': registry.contentType, 'Content-Length': String(body.length) },
        body,
      }
    },
  }
}

const hashed = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Whether the credentials are the secret that the metrics have of their own. */
export function isMetricsSecret(
  { metrics }: Pick<RegistryConfig, 'metrics'>,
  authorization: string | undefined,
): boolean {
  const credentials = parseCredentials(authorization)
  if (metrics.secret === undefined || metrics.secret === '' || credentials.kind !== 'token') return false
  return timingSafeEqual(hashed(credentials.token), hashed(metrics.secret))
}
