import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Subject } from '../access/access.ts'
import { parseDigest } from '../oci/index.ts'
import { type Challenger, type Gate, identify, requireAccess } from './access-check.ts'
import { accessRecords } from './access-record.ts'
import { type Answer, emptyAnswer, textAnswer } from './answer.ts'
import { createAudit, unaudited } from './audit.ts'
import { type Call, isRead } from './call.ts'
import type { RegistryConfig } from './config.ts'
import type { RegistryLog } from './create-registry.ts'
import type { Door } from './door.ts'
import { errorAnswer, toRegistryError } from './error-answer.ts'
import { registryError } from './errors.ts'
import type { Leases } from './leases.ts'
import { isMetricsSecret, type RegistryMetrics } from './metrics.ts'
import { operationOf } from './operation.ts'
import { answerRemovals } from './removals.ts'
import { parseRepository, repositoryProblem } from './repository.ts'
import type { RepositoryServices } from './repository-services.ts'
import { locationBase, type RequestFacts, realmBase } from './request-origin.ts'
import { allowedMethods, parseRoute, type Route } from './route.ts'
import type { StorageHealth } from './storage-health.ts'
import type { StreamReader, StreamView } from './stream-reader.ts'
import { listCatalog, listTags } from './tag-routes.ts'
import { answerToken, type LogIn } from './token-endpoint.ts'
import { clientAddress } from './trusted-proxies.ts'

export interface DispatchOptions extends Gate {
  logIn?: LogIn
  config: RegistryConfig
  reader: StreamReader
  services: RepositoryServices
  metrics: RegistryMetrics
  door: Door
  health: StorageHealth
  leases: Leases
  log: RegistryLog
}

/** From a request to what is to be sent; never rejects. */
export type Dispatch = (request: IncomingMessage, presence: Presence) => Promise<Answer>

/** Whether the client is still there. */
export interface Presence {
  /** Aborted when it has gone. */
  readonly signal: AbortSignal
}

const versionHeader = { 'Docker-Distribution-API-Version': 'registry/2.0' }
export const registryHeaders = { ...versionHeader, 'X-Registry-Supports-Signatures': '1' }

const notFoundPage = textAnswer(404, '404 page not found\n', { 'X-Content-Type-Options': 'nosniff' })
const healthy: Answer = { status: 200, headers: { 'Cache-Control': 'no-cache', 'Content-Length': '0' } }
const pong: Answer = {
  status: 200,
  headers: { 'Content-Type': 'application/json', 'Content-Length': '2' },
  body: Buffer.from('{}'),
}

function withHeaders(answer: Answer, headers: Answer['headers']): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

/** Routes that need no more than the right to pull. */
const isContent = ({ kind }: Route): boolean => kind === 'manifest' || kind === 'blob'

function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf('?')
  if (mark === -1) return { path: url, query: new URLSearchParams() }
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) }
}

export function createDispatch(options: DispatchOptions): Dispatch {
  const { config, reader, services, metrics, door, health, log } = options
  const audit = config.audit ? createAudit(log) : unaudited

  function factsOf(request: IncomingMessage): RequestFacts {
    const socket = request.socket as Partial<TLSSocket>
    return {
      headers: request.headers,
      isTls: socket.encrypted === true,
      isTrusted: config.trustsForwarded(socket.remoteAddress ?? ''),
    }
  }

  function addressOf({ socket, headers }: IncomingMessage): string {
    return clientAddress(socket.remoteAddress ?? '', headers, config.trustsForwarded)
  }

  function challengerOf(facts: RequestFacts): Challenger {
    return { realm: config.realm, realmUrl: `${realmBase(facts, config.tokenRealm)}/openshift/token` }
  }

  function toCall(request: IncomingMessage, route: Route & { name: string }, rest: CallParts): Call {
    const repository = parseRepository(route.name)
    if (repository === undefined) {
      throw registryError('NAME_INVALID', { detail: repositoryProblem(route.name) })
    }
    let stream: Promise<StreamView | undefined> | undefined
    return {
      method: request.method ?? 'GET',
      request,
      repository,
      base: locationBase(rest.facts, config),
      stream: () => {
        stream ??= reader.stream(repository.namespace, repository.stream)
        return stream
      },
      query: rest.query,
      subject: rest.subject,
      get signal() {
        return rest.presence.signal
      },
    }
  }

  interface CallParts {
    facts: RequestFacts
    query: URLSearchParams
    subject: Subject
    presence: Presence
  }

  async function answerRoute(
    route: Route,
    request: IncomingMessage,
    query: URLSearchParams,
    presence: Presence,
  ): Promise<Answer> {
    const method = request.method ?? 'GET'
    const facts = factsOf(request)
    const challenger = challengerOf(facts)
    const { authorization } = request.headers
    if (route.kind === 'metrics' && isMetricsSecret(config, authorization)) return metrics.answer()
    const records = accessRecords(method, route)
    const since = door.now()
    const subject = await identify(options, authorization, records, challenger, addressOf(request))
    const call = 'name' in route ? toCall(request, route, { facts, query, subject, presence }) : undefined
    await requireAccess(options, subject, records, challenger)
    if (call !== undefined && isRead(call) && authorization !== undefined && isContent(route)) {
      door.admit(authorization, call.repository.name, since)
    }
    if (config.readOnly && method !== 'GET' && method !== 'HEAD') throw registryError('UNSUPPORTED')
    if (call === undefined) return answerGlobal(route, query, request, presence)
    const operation = operationOf(method, route)
    return metrics.operation(operation, () => audit(operation, subject, () => answerHolding(route, call)))
  }

  async function answerGlobal(
    route: Route,
    query: URLSearchParams,
    request: IncomingMessage,
    presence: Presence,
  ): Promise<Answer> {
    switch (route.kind) {
      case 'catalog':
        return listCatalog(reader, query, config.catalogMaxEntries)
      case 'metrics':
        return metrics.answer()
      case 'admin-blob':
        return pruneBlob(route.digest)
      case 'admin-removals':
        return answerRemovals(request, { dispatch, presence, maxRunning: config.requests.write.maxRunning })
      default:
        return pong
    }
  }

  /** B-102: who prunes has made sure that nothing needs it. */
  async function pruneBlob(text: string): Promise<Answer> {
    const digest = parseDigest(text)
    if (digest === undefined) return emptyAnswer(404)
    await services.pruneBlob(digest)
    return emptyAnswer(204)
  }

  /** A push holds what its repository has until a while after the last request that writes. */
  async function answerHolding(route: Route, call: Call): Promise<Answer> {
    using _push = isRead(call) ? undefined : options.leases.working(call.repository.name)
    return await answerRepository(route, call)
  }

  async function answerRepository(route: Route, call: Call): Promise<Answer> {
    const { method } = call
    switch (route.kind) {
      case 'tags':
        return listTags(call)
      case 'tag-history':
        return services.listTagHistory(call, route.tag)
      case 'referrers':
        return services.listReferrers(call, route.digest)
      case 'manifest':
        if (method === 'PUT') return services.pushManifest(call, route.reference)
        if (method === 'DELETE') return services.deleteManifest(call, route.reference)
        return services.getManifest(call, route.reference)
      case 'blob':
        if (method === 'DELETE') return services.blob.remove(call, route.digest)
        return services.blob.get(call, route.digest)
      case 'uploads':
        return services.upload.start(call)
      case 'upload':
        return answerUpload(route.id, call)
      case 'signatures':
        if (method === 'PUT') return services.signature.put(call, route.digest)
        return services.signature.list(call, route.digest)
      default:
        throw registryError('UNSUPPORTED')
    }
  }

  function answerUpload(id: string, call: Call): Promise<Answer> {
    switch (call.method) {
      case 'PATCH':
        return services.upload.append(call, id)
      case 'PUT':
        return services.upload.finish(call, id)
      case 'DELETE':
        return services.upload.cancel(call, id)
      default:
        return services.upload.status(call, id)
    }
  }

  function report(error: unknown, request: IncomingMessage): Answer {
    const known = toRegistryError(error)
    const fields = { method: request.method, path: splitUrl(request.url ?? '').path }
    if (request.destroyed && !request.complete) log.info({ ...fields, status: 499 }, 'client went away')
    else if (known.status >= 500) log.error({ ...fields, err: known.cause ?? known }, 'request failed')
    return errorAnswer(known)
  }

  function isOff({ kind }: Route): boolean {
    return (kind === 'metrics' && !config.metrics.enabled) || (kind === 'tag-history' && !config.tagHistory)
  }

  const dispatch: Dispatch = async (request, presence) => {
    const { path, query } = splitUrl(request.url ?? '/')
    const route = parseRoute(path)
    if (route === undefined || isOff(route)) {
      return withHeaders(notFoundPage, { ...versionHeader, ...config.headers })
    }
    const allowed = allowedMethods(route.kind)
    try {
      if (!allowed.includes(request.method ?? '')) {
        throw registryError('UNSUPPORTED', { headers: { Allow: allowed.join(', ') } })
      }
      if (route.kind === 'health') return healthy
      const failing = health.failing()
      if (failing !== undefined) throw registryError('UNAVAILABLE', { detail: failing })
      if (route.kind === 'token') {
        const { authorization } = request.headers
        const answer = await answerToken(options, authorization, query, addressOf(request))
        return withHeaders(answer, { ...versionHeader, ...config.headers })
      }
      const answer = await answerRoute(route, request, query, presence)
      return withHeaders(answer, { ...registryHeaders, ...config.headers })
    } catch (error) {
      return withHeaders(report(error, request), { ...registryHeaders, ...config.headers })
    }
  }
  return dispatch
}
