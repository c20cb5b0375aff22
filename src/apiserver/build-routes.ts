import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Action, Authorize, Subject } from '../access/access.ts'
import { builds } from '../api/index.ts'
import { badRequest, type Status } from '../machinery/errors.ts'
import type { KubeObject } from '../machinery/object.ts'
import { requireAllowed, resourceAction } from '../resources/authorized.ts'
import { auditOf } from './audit.ts'
import type { Fairness } from './fairness.ts'
import { isStatus } from './represent.ts'
import { parseRequestInfo } from './request-info.ts'
import { sendObject } from './respond.ts'

/** The parts of the build API whose bodies are no objects: logs, uploads, webhooks. */
export interface BuildRoutesDeps {
  identify(request: FastifyRequest, action: Action): Promise<Subject>
  authorize: Authorize
  fairness: Fairness
  /** Aborts when the server drains. */
  draining: AbortSignal
  readLog(request: {
    namespace: string
    name: string
    follow: boolean
    nowait: boolean
    tailLines?: number
    limitBytes?: number
    signal: AbortSignal
  }): Promise<AsyncIterable<Buffer>>
  instantiateBinary(
    request: { namespace: string; name: string; query: URLSearchParams; body: Readable },
    caller: Subject,
  ): Promise<KubeObject>
  callWebhook(call: {
    namespace: string
    name: string
    secret: string
    type: string
    header(name: string): string
    body: Buffer
  }): Promise<KubeObject | Status>
}

const base = `/apis/${builds.group}/${builds.version}/namespaces/:namespace`

interface Params {
  namespace: string
  name: string
  secret: string
  type: string
}

const paramsOf = (request: FastifyRequest) => request.params as Params
const queryOf = (request: FastifyRequest) => new URLSearchParams(request.url.split('?').slice(1).join('?'))

/** Identifies the caller, lets the request have its place until it is answered, and authorises it. */
type Allow = (
  request: FastifyRequest,
  reply: FastifyReply,
  verb: string,
  resource: string,
  subresource: string,
) => Promise<Subject>

export function buildRoutes(deps: BuildRoutesDeps): FastifyPluginAsync {
  const allow: Allow = async (request, reply, verb, resource, subresource) => {
    const { namespace, name } = paramsOf(request)
    const action = resourceAction({ verb, group: builds.group, resource, subresource, namespace, name })
    const info = parseRequestInfo(request.method, request.url.split('?', 1)[0] ?? '')
    const facts = auditOf(request)?.facts
    if (facts !== undefined) facts.info = info
    const caller = await deps.identify(request, action)
    if (facts !== undefined) facts.user = caller
    const leave = await deps.fairness(caller, info)
    if (reply.raw.destroyed) leave()
    else reply.raw.once('close', leave)
    await requireAllowed(deps.authorize, caller, action)
    return caller
  }

  return async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

    app.get(`${base}/builds/:name/log`, async (request, reply) => {
      await allow(request, reply, 'get', 'builds', 'log')
      await sendLog(request, reply, deps)
      return reply
    })

    app.post(`${base}/buildconfigs/:name/webhooks/:secret/:type`, async (request, reply) => {
      await allow(request, reply, 'create', 'buildconfigs', 'webhooks')
      const answer = await deps.callWebhook({
        ...paramsOf(request),
        header: (name) => String(request.headers[name] ?? ''),
        body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      })
      sendObject(request, reply, 200, answer)
      return reply
    })

    await app.register(uploadRoute(deps, allow))
  }
}

/** Bodies of any size, as they come. */
function uploadRoute(deps: BuildRoutesDeps, allow: Allow): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, body, done) => done(null, body))
    app.post(
      `${base}/buildconfigs/:name/instantiatebinary`,
      { bodyLimit: Number.MAX_SAFE_INTEGER },
      async (request, reply) => {
        const caller = await allow(request, reply, 'create', 'buildconfigs', 'instantiatebinary')
        const body = request.body as Readable | undefined
        const asked = { ...paramsOf(request), query: queryOf(request), body: body ?? request.raw }
        const answer = await deps.instantiateBinary(asked, caller)
        sendObject(request, reply, isStatus(answer) ? 200 : 201, answer)
        return reply
      },
    )
  }
}

async function sendLog(request: FastifyRequest, reply: FastifyReply, deps: BuildRoutesDeps): Promise<void> {
  const query = queryOf(request)
  const leaving = new AbortController()
  reply.raw.once('close', () => leaving.abort())
  const signal = AbortSignal.any([leaving.signal, deps.draining])
  const tailLines = numberOf(query, 'tailLines')
  const limitBytes = numberOf(query, 'limitBytes')
  const pieces = await deps.readLog({
    ...paramsOf(request),
    follow: isTrue(query, 'follow'),
    nowait: isTrue(query, 'nowait'),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    signal,
  })
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache, private' })
  raw.flushHeaders()
  try {
    for await (const piece of pieces) {
      if (raw.destroyed) return
      if (!raw.write(piece)) await Promise.race([once(raw, 'drain'), once(raw, 'close')])
    }
  } catch (error) {
    request.log.error({ err: error }, 'reading a build log failed')
  } finally {
    raw.end()
  }
}

const isTrue = (query: URLSearchParams, name: string) => ['true', '1'].includes(query.get(name) ?? '')

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name} must be a number that is not negative`)
  return Number(text)
}
