import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import { createTransport } from '../../client/index.ts'
import { runCli } from '../run-cli.ts'

/** A server with the OAuth endpoints of cli.md §20.5 and one user, alice / pw. */
async function logIn(
  argv: string[],
  stdin = '',
): Promise<{ code: number; stdout: string; stderr: string; config: string }> {
  let challenge = ''
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const base = `http://${request.headers.host}`
    const url = new URL(request.url ?? '/', base)
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    if (url.pathname === '/.well-known/oauth-authorization-server') {
      return json(200, {
        issuer: base,
        authorization_endpoint: `${base}/oauth/authorize`,
        token_endpoint: `${base}/oauth/token`,
        code_challenge_methods_supported: ['plain', 'S256'],
      })
    }
    if (url.pathname === '/oauth/authorize') {
      assert.equal(request.headers['x-csrf-token'], '1')
      challenge = url.searchParams.get('code_challenge') ?? ''
      const good = request.headers.authorization === `Basic ${Buffer.from('alice:pw').toString('base64')}`
      if (!good) return response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="openshift"' }).end()
      return response.writeHead(302, { Location: `${url.searchParams.get('redirect_uri')}?code=c0de` }).end()
    }
    if (url.pathname === '/oauth/token') {
      const form = new URLSearchParams(body)
      const verified =
        createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url') === challenge
      return verified && form.get('code') === 'c0de'
        ? json(200, { access_token: 'sha256~new', token_type: 'Bearer' })
        : json(400, { error: 'invalid_grant' })
    }
    if (url.pathname.endsWith('/selfsubjectreviews')) {
      return request.headers.authorization === 'Bearer sha256~new'
        ? json(201, { status: { userInfo: { username: 'alice' } } })
        : json(401, {})
    }
    if (url.pathname.endsWith('/projects')) return json(200, { items: [{ metadata: { name: 'p' } }] })
    return json(404, {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = await mkdtemp(join(tmpdir(), 'weir-oauth-'))
  const out = { stdout: '', stderr: '' }
  const collect = (stream: keyof typeof out) => ({
    isTty: false,
    write(text: string) {
      out[stream] += text
    },
  })
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const code = await runCli(
      ['login', url, ...argv],
      {
        env: { HOME: folder },
        cwd: folder,
        stdin: Readable.from([stdin]),
        stdout: collect('stdout'),
        stderr: collect('stderr'),
        now: () => new Date(0),
        connect: createTransport,
        signal: new AbortController().signal,
      },
      { program: 'weir' },
    )
    const config = await readFile(join(folder, '.kube', 'config'), 'utf8').catch(() => '')
    return { code, ...out, config }
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

it('gets a token for a password and keeps it', async () => {
  const { code, stdout, config } = await logIn(['-u', 'alice', '-p', 'pw'])
  assert.equal(code, 0)
  assert.equal(
    stdout,
    `Login successful.\n\nYou have one project on this server: "p"\n\nUsing project "p".\nWelcome! See 'weir help' to get started.\n`,
  )
  assert.match(config, /token: sha256~new/)
})

it('asks for what is missing', async () => {
  const { stdout, code } = await logIn(['-u', 'alice'], 'pw\n')
  assert.equal(code, 0)
  assert.match(
    stdout,
    /^Authentication required for http:\/\/127\.0\.0\.1:\d+ \(openshift\)\nUsername: alice\nPassword: Login successful\.\n/,
  )
})

it('a wrong password is told on stdout and leaves no configuration', async () => {
  const { code, stdout, stderr, config } = await logIn(['-u', 'alice', '-p', 'no'])
  assert.deepEqual([code, stderr, config], [1, '', ''])
  assert.equal(stdout, 'Login failed (401 Unauthorized)\nVerify you have provided the correct credentials.\n')
})

it('a user name with a colon can not be sent', async () => {
  const { stderr } = await logIn(['-u', 'a:b', '-p', 'x'])
  assert.match(stderr, /^error: username "a:b" is invalid/)
})
