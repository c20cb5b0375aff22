import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { distinctHeaders } from './distinct-headers.ts'
import type { WebRequest } from './http-message.ts'
import type { HandleOAuth } from './oauth-server.ts'

const formType = 'application/x-www-form-urlencoded'

/** Bytes of a form: a code, an address and a few words. */
const formLimit = 64 * 1024

const paths = [
  '/.well-known/oauth-authorization-server',
  '/oauth/authorize',
  '/oauth/token',
  '/oauth/token/request',
  '/oauth/token/display',
  '/oauth/token/implicit',
  '/login',
  '/login/:provider',
  '/logout',
  '/oauth2callback/:provider',
]

function toWebRequest(request: FastifyRequest): WebRequest {
  const [path = '', ...query] = request.url.split('?')
  return {
    method: request.method,
    path,
    query: new URLSearchParams(query.join('?')),
    headers: distinctHeaders(request.raw.rawHeaders),
    form: request.body instanceof URLSearchParams ? request.body : new URLSearchParams(),
    remoteAddress: request.ip,
  }
}

/** The OAuth server as a Fastify plugin; the paths need neither authentication nor authorisation before. */
export function oauthRoutes(handle: HandleOAuth): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(
      formType,
      { parseAs: 'string', bodyLimit: formLimit },
      async (_request: FastifyRequest, text: string) => new URLSearchParams(text),
    )
    // As bytes: of a text Fastify would add a charset to its type.
    const serve = async (request: FastifyRequest, reply: FastifyReply) => {
      const answer = await handle(toWebRequest(request))
      if (answer === undefined) return reply.callNotFound()
      return reply.code(answer.status).headers(answer.headers).send(Buffer.from(answer.body))
    }
    for (const url of paths) app.route({ method: ['GET', 'HEAD', 'POST'], url, handler: serve })
  }
}
