import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Counter, Gauge, Registry, Summary } from 'prom-client'
import type { Answer } from './answer.ts'
import type { RegistryConfig } from './config.ts'
import { parseCredentials } from './credentials.ts'

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
  answer(): Promise<Answer>
}

const percentiles = [0.5, 0.9, 0.99]

function createInstruments(registry: Registry) {
  const registers = [registry]
  const summary = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Summary({ name: `imageregistry_${name}`, help, labelNames, percentiles, registers })
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
  }
}

const unmeasured: RequestTiming = { answered: () => undefined, ended: () => undefined }

const disabled: RegistryMetrics = {
  begin: () => unmeasured,
  answer: async () => ({ status: 404, headers: { 'Content-Length': '0' } }),
}

export function createRegistryMetrics(isEnabled: boolean): RegistryMetrics {
  if (!isEnabled) return disabled
  const registry = new Registry()
  const { inFlight, total, duration, requestSize, responseSize, timeToHeader } = createInstruments(registry)
  return {
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
