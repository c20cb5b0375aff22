import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { users } from '../api/user/index.ts'
import {
  cookiesOf,
  fieldOf,
  issuer,
  locationOf,
  type OAuthTestServer,
  openOAuthTestServer,
} from './oauth-test-server.ts'

describe('the pages', () => {
  const start = async (server: OAuthTestServer) => {
    const requested = await server.get('/oauth/token/request')
    const authorize = locationOf(requested)
    const toLogin = await server.get(authorize.href)
    const form = await server.get(locationOf(toLogin).href)
    return { authorize, form }
  }
  const submit = (server: OAuthTestServer, form: Awaited<ReturnType<typeof start>>['form'], more = {}) =>
    server.post(
      '/login',
      {
        csrf: fieldOf(form, 'csrf'),
        next: fieldOf(form, 'next'),
        username: 'alice',
        password: 'wonder',
        ...more,
      },
      { cookie: cookiesOf(form) },
    )

  it('lead from /oauth/token/request to a token', async () => {
    const server = openOAuthTestServer()
    const { authorize, form } = await start(server)
    assert.equal(form.status, 200)
    const done = await submit(server, form)
    assert.equal(done.status, 302)
    assert.equal(locationOf(done).href, authorize.href)
    const granted = await server.get(authorize.href, { cookie: cookiesOf(form, done) })
    const display = locationOf(granted)
    assert.equal(display.pathname, '/oauth/token/display')
    const asked = await server.get(display.href)
    assert(!asked.body.includes('--token='))
    const shown = await server.post(
      '/oauth/token/display',
      { csrf: fieldOf(asked, 'csrf'), code: fieldOf(asked, 'code') },
      { cookie: cookiesOf(asked) },
    )
    const token = /<code>(sha256~[\w-]{43})<\/code>/.exec(shown.body)?.[1] ?? ''
    assert(shown.body.includes(`oc login --token=${token} --server=${issuer}`))
    const subject = await server.tokens.authenticateToken(token)
    assert(subject !== 'bad' && subject?.name === 'alice')
    const again = await server.post(
      '/oauth/token/display',
      { csrf: fieldOf(asked, 'csrf'), code: fieldOf(asked, 'code') },
      { cookie: cookiesOf(asked) },
    )
    assert.equal(again.status, 400)
  })

  it('refuse a form that is not their own', async () => {
    const server = openOAuthTestServer()
    const { form } = await start(server)
    const fields = { csrf: fieldOf(form, 'csrf'), next: '/', username: 'alice', password: 'wonder' }
    assert.equal((await server.post('/login', fields)).status, 403)
    assert.equal(
      (await server.post('/login', { ...fields, csrf: '' }, { cookie: cookiesOf(form) })).status,
      403,
    )
    assert.equal(
      (await server.post('/login', { ...fields, csrf: 'x' }, { cookie: cookiesOf(form) })).status,
      403,
    )
    assert.equal((await server.post('/login', { ...fields, csrf: '' }, { cookie: 'weir-csrf=' })).status, 403)
    assert.equal((await server.post('/oauth/token/display', { code: 'x' })).status, 403)
    assert.equal((await server.post('/logout', {})).status, 403)
  })

  it('say that name or password are wrong, without saying which', async () => {
    const server = openOAuthTestServer()
    const { form } = await start(server)
    const wrong = await submit(server, form, { password: 'no' })
    const unknown = await submit(server, form, { username: 'nobody' })
    assert.equal(wrong.status, 401)
    assert.equal(unknown.body.replaceAll('nobody', 'alice'), wrong.body)
    assert(!wrong.body.includes('value="no"'))
  })

  it('never lead to another host (open redirect)', async () => {
    const server = openOAuthTestServer()
    const { form } = await start(server)
    for (const next of [
      'https://evil.test/',
      '//evil.test',
      '/\\evil.test',
      'evil',
      '',
      '/a\nb',
      '/\t/evil.test',
    ]) {
      const done = await submit(server, form, { next })
      assert.equal(done.headers.location, '/oauth/token/request', next)
    }
  })

  it('show what they are told as text (threat 15)', async () => {
    const server = openOAuthTestServer()
    const { form } = await start(server)
    const markup = `"><script>alert('x')</script>`
    const answer = await submit(server, form, { username: markup, password: 'no' })
    assert(!answer.body.includes('<script'))
    const display = await server.get(`/oauth/token/display?code=${encodeURIComponent(markup)}`)
    assert(!display.body.includes('<script'))
    assert.match(String(display.headers['content-security-policy']), /default-src 'none'/)
    assert.equal(display.headers['referrer-policy'], 'no-referrer')
  })

  it('set cookies that scripts and plain http cannot read', async () => {
    const server = openOAuthTestServer()
    const { form } = await start(server)
    for (const answer of [form, await submit(server, form)]) {
      for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
        assert.match(cookie, /; HttpOnly; Secure; SameSite=Lax/)
      }
    }
  })

  it('take no session that was changed, is over, or is of a user who is gone', async () => {
    const server = openOAuthTestServer()
    const { authorize, form } = await start(server)
    const cookie = cookiesOf(form, await submit(server, form))
    const isLoggedIn = async (sent: string) =>
      locationOf(await server.get(authorize.href, { cookie: sent })).pathname !== '/login'
    assert.equal(await isLoggedIn(cookie), true)
    const value = /weir-session=([^;]+)/.exec(cookie)?.[1] ?? ''
    const [text = '', signature = ''] = value.split('.')
    const forged = Buffer.from(Buffer.from(text, 'base64url').toString().replace('alice', 'admin')).toString(
      'base64url',
    )
    for (const bad of [`${forged}.${signature}`, text, `${text}.`, `.${signature}`, 'x.y', '']) {
      assert.equal(await isLoggedIn(`weir-session=${bad}`), false)
    }
    await server.client.delete(users, '', 'alice')
    assert.equal(await isLoggedIn(cookie), false)
    server.pass(300)
    assert.equal(await isLoggedIn(cookie), false)
  })

  it('answer other methods and paths as they should', async () => {
    const server = openOAuthTestServer()
    const refused = await server.get('/oauth/token')
    assert.equal(refused.status, 405)
    assert.equal(refused.headers.allow, 'POST')
    await assert.rejects(server.get('/oauth/other'), /nothing answers/)
    await assert.rejects(server.get('/constructor'), /nothing answers/)
    assert.equal((await server.get('/login/nobody')).status, 404)
    assert.equal((await server.get('/oauth2callback/%')).status, 404)
    assert.equal((await server.get('/oauth/token/implicit')).status, 200)
  })
})
