import { randomUUID } from 'node:crypto'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerFactory,
  fastify,
  LogController,
} from 'fastify'
import type { Action, Authorize, Subject } from '../access/access.ts'
import { durationProblem } from '../machinery/duration.ts'
import { ApiError, badRequest, internalError, pathNotFound } from '../machinery/errors.ts'
import { parseFieldSelector, pathSegmentProblems, wantsWatch } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import { requireAllowed, resourceAction } from '../resources/authorized.ts'
import type { KnowsKind } from '../resources/decode-body.ts'
import type { Endpoint } from '../resources/endpoint.ts'
import { type AuditRecord, auditOf, type BeginAudit, keepAudit } from './audit.ts'
import { serveDocument } from './document-routes.ts'
import type { DocumentSource } from './documents.ts'
import type { Fairness } from './fairness.ts'
import { noSchemas } from './no-schemas.ts'
import { parseRequestInfo, type RequestInfo } from './request-info.ts'
import { serveResource } from './resource-routes.ts'
import { sendError } from './respond.ts'

/** Largest body that is read; the real server's limit too. */
const bodyLimit = 3 * 1024 * 1024

export interface ApiServerDeps {
  kinds: readonly Kind[]
  endpoints: ReadonlyMap<string, Endpoint>
  knowsKind: KnowsKind
  documents: DocumentSource
  /** Who calls; rejects with 401. */
  authenticate(request: FastifyRequest): Promise<Subject>
  /** Whom the caller acts as, by the request's headers: itself where they say nothing; rejects with 403. */
  impersonate(caller: Subject, request: FastifyRequest, action: Action): Promise<Subject>
  authorize: Authorize
  fairness: Fairness
  clock: () => Date
  /** Aborts when the server drains: watches then end. */
  draining: AbortSignal
  log: FastifyBaseLogger
  /** Absent: nothing is written down. */
  audit?: BeginAudit
  /** The server that takes the requests; absent: one that never listens (`inject`). */
  serverFactory?: FastifyServerFactory
  /** Other routes on the same address (OAuth, console): exact paths win over the API's. */
  plugins?: readonly FastifyPluginAsync[]
}

/** One request as the routes see it. */
export interface ApiRequest {
  raw: FastifyRequest
  reply: FastifyReply
  info: RequestInfo
  subject: Subject
  query: URLSearchParams
  body: Buffer
  audit: AuditRecord | undefined
}

/** The Kubernetes wire over the endpoints. Every request is authenticated and authorised here, before it is routed. */
export function createApiServer(deps: ApiServerDeps): FastifyInstance {
  const app = fastify({
    ...noSchemas,
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    genReqId: () => randomUUID(),
    ...(deps.serverFactory === undefined ? {} : { serverFactory: deps.serverFactory }),
  }) as FastifyInstance
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => {
    sendError(toApiError(error, deps.log), request, reply)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('audit-id', request.id)
    nameBody(request)
    if (deps.audit !== undefined) keepAudit(request, deps.audit(request, reply))
  })
  for (const plugin of deps.plugins ?? []) app.register(plugin)
  app.all('/*', async (request, reply) => {
    await handle(request, reply, deps, auditOf(request))
    return reply
  })
  return app
}

/**
 * A body without a Content-Type is JSON. Over HTTP/2, where it may have no length either, it would be taken for none: `kubectl create
 * --raw` sends such.
 */
function nameBody({ raw, method }: FastifyRequest): void {
  const mayHaveBody = method === 'POST' || method === 'PUT' || method === 'DELETE'
  if (mayHaveBody && raw.httpVersionMajor === 2) raw.headers['content-type'] ??= 'application/json'
}

async function handle(
  raw: FastifyRequest,
  reply: FastifyReply,
  deps: ApiServerDeps,
  audit?: AuditRecord,
): Promise<void> {
  const mark = raw.url.indexOf('?')
  const path = mark === -1 ? raw.url : raw.url.slice(0, mark)
  const query = new URLSearchParams(mark === -1 ? '' : raw.url.slice(mark + 1))
  const info = parseRequestInfo(raw.method, path, {
    watch: wantsWatch(query),
    pinnedName: pinnedName(query.get('fieldSelector')),
  })
  const action = toAction(info)
  requireTimeout(info, query)
  const { facts } = audit ?? {}
  if (facts !== undefined) facts.info = info
  const caller = await deps.authenticate(raw)
  if (facts !== undefined) facts.user = caller
  const body = Buffer.isBuffer(raw.body) ? raw.body : Buffer.alloc(0)
  const request = { raw, reply, info, query, body, audit }
  const entered = deps.fairness(caller, info)
  const leave = entered instanceof Promise ? await entered : entered
  try {
    // Whoever has left while it waited wants no answer any more.
    if (reply.raw.destroyed !== true) await answer(request, action, caller, deps)
  } finally {
    leave()
  }
}

/** The name that a field selector leaves, where a path could have it: the right to list one object by its name is asked so. */
function pinnedName(fieldSelector: string | null): string {
  if (!fieldSelector?.includes('metadata.name')) return ''
  try {
    const pinned = parseFieldSelector(fieldSelector).find(
      ({ field, operator }) => field === 'metadata.name' && operator === '=',
    )
    const name = pinned?.value ?? ''
    return pathSegmentProblems(name).length === 0 ? name : ''
  } catch {
    // Whoever may list hears later what is wrong with it.
    return ''
  }
}

/** A `timeout` that can't be read is refused, but for watches, which it is not about. */
function requireTimeout(info: RequestInfo, query: URLSearchParams): void {
  const timeout = query.get('timeout') ?? ''
  if (timeout === '' || (info.kind === 'resource' && info.verb === 'watch')) return
  const problem = durationProblem(timeout)
  if (problem !== undefined) throw badRequest(`invalid timeout specified in the request URL - ${problem}`)
}

async function answer(
  request: Omit<ApiRequest, 'subject'>,
  action: Action,
  caller: Subject,
  deps: ApiServerDeps,
): Promise<void> {
  const { info, raw, audit } = request
  const subject = await deps.impersonate(caller, raw, action)
  if (audit !== undefined && subject !== caller) audit.facts.impersonated = subject
  if (!asksForItself(info)) await requireAllowed(deps.authorize, subject, action)
  const authorised: ApiRequest = { ...request, subject }
  if (info.kind === 'path') return serveDocument(authorised, info, deps)
  return serveResource(authorised, info, deps)
}

/** Reviews that decide themselves who may ask what (auth.md U-92): about oneself, everybody may. */
function asksForItself(info: RequestInfo): boolean {
  return (
    info.kind === 'resource' &&
    info.group === 'authorization.openshift.io' &&
    (info.resource === 'subjectaccessreviews' || info.resource === 'localsubjectaccessreviews')
  )
}

function toAction(info: RequestInfo): Action {
  if (info.kind === 'path') return info
  const { verb, group, resource, subresource, name } = info
  // A project is namespaced in itself: a right in it is a right to it (auth.md U-73).
  const isRead = verb === 'list' || verb === 'watch'
  const isProject = group === 'project.openshift.io' && resource === 'projects' && name !== '' && !isRead
  const namespace = isProject ? name : info.namespace
  return resourceAction({ verb, group, resource, subresource, namespace, name })
}

/** Unknown errors keep their cause in the log and hide their details from the client. */
export function toApiError(error: unknown, log: FastifyBaseLogger): ApiError {
  if (error instanceof ApiError) return error
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${bodyLimit}`)
  }
  if (statusCode === 404) return pathNotFound()
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ApiError(statusCode, 'BadRequest', (error as Error).message)
  }
  log.error({ err: error }, 'request failed')
  return internalError('an unexpected error; the log has the details', error)
}
