import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { json } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { requireProgram } from '../clients/require-program.ts'
import { openSandbox } from '../clients/sandbox.ts'
import { type StartedWeir, startWeir } from '../clients/start-weir.ts'
import { createTestAuthority } from './certificates.ts'

interface Pair {
  cert: string
  key: string
}

interface Review {
  status?: { userInfo: { username: string; groups: string[] } }
}

const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const question = JSON.stringify({ kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' })
const type = { 'content-type': 'application/json' }

/** Who does the server take us for? */
async function ask(weir: StartedWeir, pair: Pair | undefined, headers: Record<string, string> = {}) {
  const sent = request(new URL(reviews, weir.apiUrl), {
    method: 'POST',
    ca: weir.caCert,
    agent: false,
    headers: { ...type, ...headers },
    ...pair,
  }).end(question)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const { status } = (await json(response)) as Review
  return { code: response.statusCode, user: status?.userInfo }
}

async function askOverHttp2(weir: StartedWeir, pair: Pair) {
  const session = connect(weir.apiUrl, { ca: weir.caCert, ...pair })
  try {
    const stream = session.request({ ':path': reviews, ':method': 'POST', ...type })
    stream.end(question)
    return ((await json(stream)) as Review).status?.userInfo
  } finally {
    session.close()
  }
}

const authority = await createTestAuthority('people')

async function withServer(
  run: (
    weir: StartedWeir,
    path: (name: string) => string,
    must: Awaited<ReturnType<typeof openSandbox>>['must'],
  ) => Promise<void>,
) {
  await using sandbox = await openSandbox()
  await writeFile(sandbox.path('people.crt'), authority.cert)
  await writeFile(sandbox.path('weir.yaml'), `identity: {clientCA: ${sandbox.path('people.crt')}}`)
  const args = [
    '--listen',
    '127.0.0.1:0',
    '--registry-listen',
    '127.0.0.1:0',
    '--config',
    sandbox.path('weir.yaml'),
  ]
  await using weir = await startWeir({ dataDir: sandbox.path('data'), env: sandbox.env, args })
  await run(weir, sandbox.path, sandbox.must)
}

describe('client certificates', () => {
  it('name a user and groups, over HTTP/1.1 and HTTP/2 alike; nothing else does', () =>
    withServer(async (weir) => {
      const carol = await authority.issue('CN=carol, O=crew, O=night')
      const known = await ask(weir, carol)
      assert.deepEqual([known.code, known.user?.username], [201, 'carol'])
      for (const group of ['crew', 'night', 'system:authenticated']) {
        assert(known.user?.groups.includes(group), group)
      }
      assert.deepEqual(await askOverHttp2(weir, carol), known.user)

      const stranger = await createTestAuthority('people')
      for (const [what, pair] of [
        ['of another authority by the same name', await stranger.issue('CN=carol, O=system:masters')],
        ['that has ended', await authority.issue('CN=carol', { ended: true })],
        ['without a name', await authority.issue('O=system:masters')],
        ['with two names', await authority.issue('CN=carol, CN=admin')],
      ] as const) {
        assert.equal((await ask(weir, pair)).code, 401, `a certificate ${what}`)
      }
    }))

  it('go before a token', () =>
    withServer(async (weir) => {
      const carol = await authority.issue('CN=carol')
      for (const token of [weir.adminToken, 'forged']) {
        const { user } = await ask(weir, carol, { authorization: `Bearer ${token}` })
        assert.equal(user?.username, 'carol')
      }
    }))

  it('serve kubectl', async (t) => {
    if (!requireProgram(t, 'kubectl', 'kubernetes-client')) return
    await withServer(async (weir, path, must) => {
      const { cert, key } = await authority.issue('CN=root, O=system:masters')
      await writeFile(path('root.crt'), cert)
      await writeFile(path('root.key'), key)
      const options = [
        `--server=${weir.apiUrl}`,
        `--certificate-authority=${weir.dataDir}/pki/ca.crt`,
        `--client-certificate=${path('root.crt')}`,
        `--client-key=${path('root.key')}`,
      ]
      const names = await must('kubectl', ['get', 'namespaces', '-o', 'name', ...options])
      assert.match(names, /^namespace\/default$/m)
    })
  })
})
