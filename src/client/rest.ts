import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '../machinery/errors.ts'
import { toApiError } from './to-api-error.ts'
import { type HttpRequest, type HttpResponse, isStream, type Transport } from './transport.ts'

/** Requests to an API server: credentials, queries, JSON, warnings and retries, but no kinds. */

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface RestRequest {
  method: string
  /** Without the query; `:` and `@` stay as they are. */
  path: string
  /** Parameters in this order; undefined ones are left out. */
  query?: Query
  /** A string, bytes or a stream go out as they are, anything else as JSON. A stream can't be sent again. */
  body?: unknown
  /** Default: `application/json`. */
  contentType?: string
  /** Default: `application/json`; null sends none. */
  accept?: string | null
  headers?: Readonly<Record<string, string>>
  signal?: AbortSignal
}

export interface RestResponse {
  status: number
  headers: Readonly<Record<string, string>>
  text: string
}

export type TraceEvent =
  | { stage: 'request'; method: string; url: string; headers: HttpRequest['headers']; body: string }
  | {
      stage: 'response'
      method: string
      url: string
      milliseconds: number
      response: HttpResponse
      body?: string
    }

/** Who the server is to take the caller for. */
export interface Impersonation {
  user: string
  groups: readonly string[]
  /** '' or absent: none. */
  uid?: string
  extra?: Readonly<Record<string, readonly string[]>>
}

export interface RestOptions {
  transport: Transport
  /** Only for traces and messages. */
  server: string
  userAgent: string
  /** The header's value; asked before every request and, with `rejected`, after a 401: another value is then tried once. */
  authorization?(rejected: boolean): Promise<string | undefined>
  impersonate?: Impersonation
  /** Milliseconds; 0 or absent: none. */
  timeout?: number
  /** Text of a `Warning: 299` header. */
  onWarning?(text: string): void
  trace?(event: TraceEvent): void
}

export interface Rest {
  /** Resolves for 2xx, else rejects with an {@link ApiError}; without any answer with a TransportError. */
  request(request: RestRequest): Promise<RestResponse>
  /** As `request`, but every status resolves. */
  attempt(request: RestRequest): Promise<RestResponse>
  /** The parsed body of a 2xx answer; `{}` for an empty one. */
  json<T>(request: RestRequest): Promise<T>
  /** A 2xx answer whose body is still to be read: for watches. */
  stream(request: RestRequest): Promise<HttpResponse>
}

const maxRetries = 10
const warning = /^\s*299 \S+ "((?:[^"\\]|\\.)*)"/

/** `?a=1&b=2`, or '' when nothing is set. */
export function formatQuery(query: Query | undefined): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  const text = pairs.map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  )
  return text.length === 0 ? '' : `?${text.join('&')}`
}

async function readText(response: HttpResponse): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Seconds to wait before the next attempt, undefined when the answer is final. */
function retryAfter(response: HttpResponse): number | undefined {
  if (response.status !== 429 && response.status < 500) return undefined
  const seconds = Number(response.headers['retry-after'])
  return response.headers['retry-after'] !== undefined && seconds >= 0 ? seconds : undefined
}

function encodeBody(body: unknown): HttpRequest['body'] {
  if (body === undefined || typeof body === 'string') return body
  if (body instanceof Uint8Array || isStream(body)) return body
  return JSON.stringify(body)
}

function impersonationHeaders({ user, uid, groups, extra }: Impersonation): HttpRequest['headers'] {
  const more = Object.entries(extra ?? {}).map(([key, values]) => [
    `Impersonate-Extra-${encodeURIComponent(key.toLowerCase())}`,
    values,
  ])
  return {
    'Impersonate-User': user,
    ...(uid ? { 'Impersonate-Uid': uid } : {}),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
    ...Object.fromEntries(more),
  }
}

export function createRest(options: RestOptions): Rest {
  function headersFor(request: RestRequest, authorization: string | undefined): HttpRequest['headers'] {
    const { impersonate } = options
    return {
      'User-Agent': options.userAgent,
      ...(request.accept === null ? {} : { Accept: request.accept ?? 'application/json' }),
      ...(authorization === undefined ? {} : { Authorization: authorization }),
      ...(impersonate === undefined ? {} : impersonationHeaders(impersonate)),
      ...(request.body === undefined ? {} : { 'Content-Type': request.contentType ?? 'application/json' }),
      ...request.headers,
    }
  }

  async function once(request: RestRequest, authorization: string | undefined): Promise<HttpResponse> {
    const path = request.path + formatQuery(request.query)
    const body = encodeBody(request.body)
    const headers = headersFor(request, authorization)
    const outgoing: HttpRequest = {
      method: request.method,
      path,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    }
    const url = options.server.replace(/\/+$/, '') + path
    options.trace?.({
      stage: 'request',
      method: request.method,
      url,
      headers,
      body: isStream(body) ? '<stream>' : String(body ?? ''),
    })
    const started = performance.now()
    const response = await options.transport.send(outgoing)
    const milliseconds = Math.round(performance.now() - started)
    options.trace?.({ stage: 'response', method: request.method, url, milliseconds, response })
    for (const text of response.warnings) {
      const match = warning.exec(text)
      if (match !== null) options.onWarning?.((match[1] as string).replace(/\\(.)/g, '$1'))
    }
    return response
  }

  async function exchange(request: RestRequest): Promise<HttpResponse> {
    let authorization = await options.authorization?.(false)
    let refreshed = false
    for (let attempt = 0; ; attempt++) {
      const response = await once(request, authorization)
      if (isStream(request.body)) return response
      if (response.status === 401 && !refreshed) {
        const fresh = await options.authorization?.(true)
        if (fresh === undefined || fresh === authorization) return response
        authorization = fresh
        refreshed = true
        response.body.destroy()
        continue
      }
      const seconds = retryAfter(response)
      if (seconds === undefined || attempt >= maxRetries) return response
      response.body.destroy()
      await sleep(seconds * 1000, undefined, request.signal === undefined ? {} : { signal: request.signal })
    }
  }
  return finish(exchange)
}

function finish(exchange: (request: RestRequest) => Promise<HttpResponse>): Rest {
  async function attempt(request: RestRequest): Promise<RestResponse> {
    const response = await exchange(request)
    return { status: response.status, headers: response.headers, text: await readText(response) }
  }
  async function request(wanted: RestRequest): Promise<RestResponse> {
    const response = await attempt(wanted)
    if (response.status >= 200 && response.status < 300) return response
    throw toApiError(wanted, response)
  }
  return {
    attempt,
    request,
    async json<T>(wanted: RestRequest): Promise<T> {
      const { text } = await request(wanted)
      if (text === '') return {} as T
      try {
        return JSON.parse(text) as T
      } catch (cause) {
        throw new ApiError(500, 'InternalError', `couldn't decode the server's answer: ${String(cause)}`, {
          cause,
        })
      }
    },
    async stream(wanted) {
      const response = await exchange(wanted)
      if (response.status >= 200 && response.status < 300) return response
      throw toApiError(wanted, {
        status: response.status,
        headers: response.headers,
        text: await readText(response),
      })
    },
  }
}
