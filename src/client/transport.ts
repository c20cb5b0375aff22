import type { Agent as HttpAgent, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'

/**
 * One HTTP exchange with the API server. `node:https` rather than undici: it is part of Node's snapshot, undici's
 * loading alone would cost the CLI more than a whole command (docs/decisions). It is loaded with the first transport,
 * for a command that asks no server should not wait for it.
 */

export interface HttpRequest {
  method: string
  /** Path and query, relative to the server's URL; sent as it is. */
  path: string
  headers: Readonly<Record<string, string | readonly string[]>>
  /** A stream is sent as it comes, in chunks, and once only. */
  body?: string | Uint8Array | Readable
  signal?: AbortSignal
  /** Milliseconds until the answer's headers must be there; 0 or absent: no limit. */
  timeout?: number
}

export interface HttpResponse {
  status: number
  /** Lower-case names; several values of one name are joined by `, `, except for those of `warning`. */
  headers: Readonly<Record<string, string>>
  warnings: readonly string[]
  /** Must be read or destroyed. */
  body: Readable
}

export interface Transport extends Disposable {
  /** Rejects with a {@link TransportError} when there is no answer. */
  send(request: HttpRequest): Promise<HttpResponse>
}

export interface TransportOptions {
  /** Absolute URL; its path, if any, comes before every request's. */
  server: string
  /** PEM; absent: the system's own authorities. */
  ca?: string
  /** PEM, both or neither. */
  cert?: string
  key?: string
  insecure?: boolean
  /** Checked against the certificate, and sent as SNI, instead of the server's host. */
  serverName?: string
  /** `http://…` or `https://…`; absent: none. */
  proxy?: string
  /** Environment in which `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are looked up when `proxy` is absent. */
  proxyEnv?: Readonly<Record<string, string | undefined>>
}

/** No answer came; `message` is worded as Go's network errors are, since users and scripts know those. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly kind: 'refused' | 'unknown-authority' | 'aborted' | 'other'
  constructor(kind: TransportError['kind'], message: string, cause: unknown) {
    super(message, { cause })
    this.kind = kind
  }
}

const connectTimeout = 30_000

const unknownAuthority = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])

function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

function describe(error: unknown, url: URL): TransportError {
  const first = error instanceof AggregateError ? error.errors[0] : error
  const code = errorCode(error) || errorCode(first)
  const text = first instanceof Error ? first.message : String(first)
  const other = (message: string) => new TransportError('other', message, error)
  if (code === 'ECONNREFUSED') {
    return new TransportError('refused', `dial tcp ${url.host}: connect: connection refused`, error)
  }
  if (unknownAuthority.has(code)) {
    const message = 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
    return new TransportError('unknown-authority', message, error)
  }
  if (code === 'ABORT_ERR') return new TransportError('aborted', 'context canceled', error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return other(`dial tcp: lookup ${url.hostname}: no such host`)
  if (code === 'ETIMEDOUT') return other(`dial tcp ${url.host}: i/o timeout`)
  if (code === 'EHOSTUNREACH') return other(`dial tcp ${url.host}: connect: no route to host`)
  if (code === 'ENETUNREACH') return other(`dial tcp ${url.host}: connect: network is unreachable`)
  if (code === 'ECONNRESET' && /socket hang up/.test(text)) return other('EOF')
  if (code === 'ECONNRESET') return other(`read tcp ${url.host}: read: connection reset by peer`)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return other(`tls: failed to verify certificate: x509: certificate is not valid for ${url.hostname}`)
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return other('tls: failed to verify certificate: x509: certificate has expired or is not yet valid')
  }
  if (code === 'EPROTO' && /wrong version number|packet length/.test(text)) {
    return other('http: server gave HTTP response to HTTPS client')
  }
  return other(text)
}

function flatHeaders(message: IncomingMessage): { headers: Record<string, string>; warnings: string[] } {
  const headers: Record<string, string> = {}
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    if (values !== undefined) headers[name] = values.join(', ')
  }
  return { headers, warnings: message.headersDistinct.warning ?? [] }
}

function createAgent(options: TransportOptions, url: URL): HttpAgent | HttpsAgent {
  const proxy = options.proxy
  const proxyEnv =
    proxy === undefined
      ? (options.proxyEnv as NodeJS.ProcessEnv | undefined)
      : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy }
  const shared = { keepAlive: true, maxSockets: 32, ...(proxyEnv === undefined ? {} : { proxyEnv }) }
  if (url.protocol === 'http:') return new (process.getBuiltinModule('node:http').Agent)(shared)
  const { Agent } = process.getBuiltinModule('node:https')
  return new Agent({
    ...shared,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.cert === undefined ? {} : { cert: options.cert }),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.serverName === undefined ? {} : { servername: options.serverName }),
    rejectUnauthorized: options.insecure !== true,
  })
}

/** Connections are kept open until the transport is disposed; an idle one doesn't keep the process alive. */
export function createTransport(options: TransportOptions): Transport {
  const url = new URL(options.server)
  const prefix = url.pathname.replace(/\/+$/, '')
  const agent = createAgent(options, url)
  const { request: open } = process.getBuiltinModule(url.protocol === 'http:' ? 'node:http' : 'node:https')

  function send(request: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const outgoing = open(
        {
          agent,
          host: url.hostname.replace(/^\[|\]$/g, ''),
          port: url.port,
          path: prefix + request.path,
          method: request.method,
          headers: { ...request.headers, ...bodyLength(request.body) } as OutgoingHttpHeaders,
          ...(request.signal === undefined ? {} : { signal: request.signal }),
        },
        (message) => {
          clearTimeout(timer)
          resolve({ status: message.statusCode ?? 0, ...flatHeaders(message), body: message })
        },
      )
      const expire = (text: string) => () => outgoing.destroy(new Error(text))
      let timer = setTimeout(expire(`dial tcp ${url.host}: i/o timeout`), connectTimeout)
      outgoing.on('socket', (socket) => {
        const connected = () => {
          clearTimeout(timer)
          if (request.timeout) timer = setTimeout(expire(timeoutMessage), request.timeout)
        }
        if (socket.connecting) socket.once('connect', connected)
        else connected()
      })
      outgoing.on('error', (error) => {
        clearTimeout(timer)
        reject(describe(error, url))
      })
      if (isStream(request.body))
        request.body.once('error', (error) => outgoing.destroy(error)).pipe(outgoing)
      else outgoing.end(request.body)
    })
  }
  return { send, [Symbol.dispose]: () => agent.destroy() }
}

const timeoutMessage = 'net/http: request canceled (Client.Timeout exceeded while awaiting headers)'

/** Without loading streams for everybody who sends none. */
export function isStream(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body
}

function bodyLength(body: HttpRequest['body']): Record<string, string> {
  return body === undefined || isStream(body) ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
}
