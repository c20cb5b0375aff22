import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Authorize, Subject } from '../access/access.ts'
import type { BlobStore } from '../blobs/index.ts'
import type { Client } from '../client/client.ts'
import type { Store } from '../store/index.ts'
import type { Authenticate } from './access-check.ts'
import { type Answer, sendAnswer, textAnswer } from './answer.ts'
import { openInside } from './ask-inside.ts'
import { openCachedStreamReader } from './cached-stream-reader.ts'
import type { RegistryConfig } from './config.ts'
import { createDispatch, type Presence, registryHeaders } from './dispatch.ts'
import { createDoor } from './door.ts'
import { createFastReads, type FastReads } from './fast-reads.ts'
import { createImageWrites, type ImageWrites } from './image-writes.ts'
import { createLeases, type Leases } from './leases.ts'
import { createRegistryMetrics, type RegistryMetrics } from './metrics.ts'
import type { PullThrough } from './pull-through.ts'
import type { RepositoryRecords } from './repository-records.ts'
import { openRepositoryServices } from './repository-services.ts'
import { createRequestLimiter } from './request-limiter.ts'
import { startStorageHealth } from './storage-health.ts'
import type { StreamReader } from './stream-reader.ts'
import type { LogIn } from './token-endpoint.ts'
import { clientAddress } from './trusted-proxies.ts'
import { startUploadPurging } from './upload-purging.ts'

export interface RegistryLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface RegistryDeps {
  config: RegistryConfig
  /** Acts as the registry (registry.md §22). */
  client: Client
  /** Acts as the user, authorised. */
  clientFor(subject: Subject): Client
  authenticate: Authenticate
  authorize: Authorize
  /** Absent: the token endpoint takes tokens only. */
  logIn?: LogIn
  blobs: BlobStore
  /** Holds the repositories' records, and the client's objects. */
  store: Store
  pullThrough?: PullThrough
  /** Whether a blob of that size may be kept in the namespace (B-71); absent: always. */
  admitsBlob?(namespace: string, size: number): Promise<boolean>
  clock(): Date
  log: RegistryLog
  /** Absent: opened over the store. */
  records?: RepositoryRecords
  /** Absent: nobody collects blobs. */
  leases?: Leases
  /** Absent: read through the client, kept in memory. */
  reader?: StreamReader & AsyncDisposable
  /** Absent: written through the client. */
  writes?: ImageWrites
  /** Absent: as the configuration says. */
  metrics?: RegistryMetrics
  /** Calls the listener at every change of roles and bindings; absent: every request asks anew. */
  onPolicyChange?(listener: () => void): void
}

const tooManyRequests = textAnswer(429, 'Too many requests, please try again later.\n', {
  'Retry-After': '1',
})

function isReading({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** Never the query, which may hold what only the client should know. */
function accessFields(
  request: IncomingMessage,
  { status, headers }: Answer,
  milliseconds: number,
  { trustsForwarded }: RegistryConfig,
): object {
  return {
    method: request.method,
    path: request.url?.split('?')[0],
    status,
    bytes: Number(headers['Content-Length'] ?? 0),
    ms: Math.round(milliseconds),
    remote: clientAddress(request.socket.remoteAddress ?? '', request.headers, trustsForwarded),
    userAgent: request.headers['user-agent'],
  }
}

/** The signal is made for those who ask for it: most requests are over before anybody does. */
function watchPresence(response: ServerResponse): Presence {
  let gone: AbortController | undefined
  response.once('close', () => {
    if (!response.writableFinished) gone?.abort()
  })
  return {
    get signal() {
      gone ??= new AbortController()
      if (response.destroyed && !response.writableFinished) gone.abort()
      return gone.signal
    },
  }
}

/** Nobody counts, limits or logs reads: then they may be answered without being noticed. */
function isUnobserved({ metrics, requests, accessLog, audit }: RegistryConfig): boolean {
  return !metrics.enabled && !accessLog && !audit && requests.read.maxRunning === 0
}

/** Lets the server ask `answers` before anybody else. */
function answerFirst(server: Server, answers: FastReads): void {
  const listeners = server.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[]
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (answers(request, response)) return
    for (const listener of listeners) listener.call(server, request, response)
  })
}

const methods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const

/**
 * The registry as a Fastify plugin, for an instance of its own: it answers every path. Bodies are not parsed but streamed,
 * answers written without a copy.
 */
export function createRegistry(deps: RegistryDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    const { config, log, clock } = deps
    const reader = deps.reader ?? openCachedStreamReader(deps)
    const writes = deps.writes ?? createImageWrites(deps.client, deps.clientFor)
    const metrics = deps.metrics ?? createRegistryMetrics(config.metrics.enabled)
    const blobs = metrics.storage(deps.blobs)
    const leases = deps.leases ?? createLeases({ clock, grace: 0 })
    const services = openRepositoryServices({ ...deps, blobs, reader, writes, metrics, leases })
    const { onPolicyChange = () => undefined } = deps
    const door = createDoor({ store: deps.store, clock, onPolicyChange })
    const health = startStorageHealth({
      blobs: deps.blobs,
      interval: config.storageCheckInterval,
      onChange: (problem) =>
        problem === undefined
          ? log.info({}, 'the storage answers again')
          : log.error({ err: problem }, 'the storage does not answer'),
    })
    const dispatch = createDispatch({ ...deps, reader, services, metrics, door, health, leases })
    openInside(app.server, dispatch)
    const purging = startUploadPurging({ uploads: deps.blobs.uploads, config, clock, log })

    const reads = createRequestLimiter(config.requests.read)
    const writing = createRequestLimiter(config.requests.write)

    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))

    const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      reply.hijack()
      await serve(request.raw, reply.raw)
      return reply
    }

    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const presence = watchPresence(response)
      const timing = metrics.begin(request)
      const start = performance.now()
      const leave = await (isReading(request) ? reads : writing).enter()
      try {
        const answer = leave === undefined ? tooManyRequests : await dispatch(request, presence)
        timing.answered(answer)
        await sendAnswer(request, response, answer)
        if (config.accessLog) {
          log.info(accessFields(request, answer, performance.now() - start, config), 'request')
        }
      } catch (error) {
        // Only the sending can fail here: the client has gone, or the storage broke off half-way.
        response.destroy()
        if (!request.destroyed) log.warn({ err: error, method: request.method }, 'answer broke off')
      } finally {
        leave?.()
        timing.ended()
      }
    }

    if (deps.onPolicyChange !== undefined && isUnobserved(config)) {
      const headers = { ...registryHeaders, ...config.headers }
      const fast = createFastReads({ ...services, config, door, reader, headers })
      answerFirst(
        app.server,
        (request, response) => health.failing() === undefined && fast(request, response),
      )
    }
    app.route({ method: [...methods], url: '/*', handler: answer })
    app.setNotFoundHandler(answer)
    app.setErrorHandler((_error, request, reply) => answer(request, reply))
    app.addHook('onClose', async () => {
      purging[Symbol.dispose]()
      health[Symbol.dispose]()
      await services[Symbol.asyncDispose]()
      if (deps.reader === undefined) await reader[Symbol.asyncDispose]?.()
    })
  }
}

/** Options for the Fastify instance that the registry is registered on. */
export const registryServerOptions = {
  /** Uploads take as long as they take; a connection on which nothing moves is another matter. */
  requestTimeout: 0,
  connectionTimeout: 300_000,
  keepAliveTimeout: 75_000,
  bodyLimit: Number.MAX_SAFE_INTEGER,
  exposeHeadRoutes: false,
  return503OnClosing: false,
} as const
