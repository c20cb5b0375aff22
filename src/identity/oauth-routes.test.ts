import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fastify from 'fastify'
import { oauthRoutes } from './oauth-routes.ts'
import {
  asAlice,
  authorizeAddress,
  client_id,
  cookiesOf,
  exchange,
  openOAuthTestServer,
} from './oauth-test-server.ts'

async function open() {
  const lab = openOAuthTestServer()
  const app = fastify()
  await app.register(oauthRoutes(lab.handle))
  return { lab, app }
}

const form = (fields: Record<string, string>) => ({
  payload: new URLSearchParams(fields).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
})

describe('oauthRoutes()', () => {
  it('serves the flow of oc login over Fastify', async () => {
    const { lab, app } = await open()
    const challenged = await app.inject({ url: authorizeAddress(), headers: { 'x-csrf-token': '1' } })
    assert.equal(challenged.statusCode, 401)
    assert.equal(challenged.headers['www-authenticate'], 'Basic realm="openshift"')
    const redirected = await app.inject({ url: authorizeAddress(), headers: asAlice })
    const code = new URL(String(redirected.headers.location)).searchParams.get('code') ?? ''
    const answer = await app.inject({
      method: 'POST',
      url: '/oauth/token',
      ...form(exchange(code, { client_id })),
    })
    assert.equal(answer.headers['content-type'], 'application/json')
    const { access_token } = answer.json<{ access_token: string }>()
    const subject = await lab.tokens.authenticateToken(access_token)
    assert(subject !== 'bad' && subject?.name === 'alice')
  })

  it('sets several cookies as several headers', async () => {
    const { app } = await open()
    const answer = await app.inject({ url: '/login?next=/x' })
    assert.match(cookiesOf({ status: 200, body: '', headers: answer.headers as never }), /^weir-csrf=/)
  })

  it('takes forms of a modest size and nothing else', async () => {
    const { app } = await open()
    const post = (payload: string, type: string) =>
      app.inject({ method: 'POST', url: '/oauth/token', payload, headers: { 'content-type': type } })
    assert.equal((await post('{}', 'application/json')).statusCode, 415)
    const big = `code=${'x'.repeat(70_000)}`
    assert.equal((await post(big, 'application/x-www-form-urlencoded')).statusCode, 413)
  })

  it('answers HEAD and refuses other methods', async () => {
    const { app } = await open()
    const head = await app.inject({ method: 'HEAD', url: '/login' })
    assert.equal(head.statusCode, 200)
    assert.equal(head.body, '')
    assert.equal((await app.inject({ method: 'DELETE', url: '/login' })).statusCode, 404)
    assert.equal((await app.inject({ method: 'POST', url: '/oauth/token/request' })).statusCode, 405)
  })
})
