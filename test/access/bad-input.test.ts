import assert from 'node:assert/strict'
import { createHash, createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  clusterRoles,
  oauthAccessTokens,
  type RoleBinding,
  roleBindings,
  roles,
  users,
} from '../../src/api/index.ts'
import { isApiError } from '../../src/machinery/errors.ts'
import { type Lab, openLab } from '../lab/open-lab.ts'
import { bind, logIn } from './cast.ts'

/** Credentials and grants that are no good: each refused alike by API and registry, and nothing of them left behind. */

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

/** Status of a question about oneself, and of the registry's door. */
async function doors(lab: Lab, headers: Record<string, string>): Promise<[api: number, registry: number]> {
  const api = await lab.call('GET', '/apis/user.openshift.io/v1/users/~', { as: '', headers })
  const registry = await lab.pull('GET', '/v2/', { as: '', headers })
  return [api.status, registry.status]
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A good token of the account, taken apart. */
async function accountToken(lab: Lab, audiences?: readonly string[]) {
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: audiences === undefined ? {} : { audiences },
  }
  const answer = await lab.call('POST', '/api/v1/namespaces/demo/serviceaccounts/builder/token', { body })
  assert.equal(answer.status, 201, answer.text)
  const { token } = answer.json<{ status: { token: string } }>().status
  const [header = '', payload = '', signature = ''] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  return { token, header: read(header), payload: read(payload), parts: [header, payload, signature] as const }
}

describe('threat 13: tokens that are no good are 401 at the API and at the registry', () => {
  it('wrong, expired, revoked, and of a user who is gone', async () => {
    await using lab = await openLab()
    const [expired, revoked, orphan, changed] = [
      await logIn(lab, 'dora', 60),
      await logIn(lab, 'emil'),
      await logIn(lab, 'fritz'),
      await logIn(lab, 'gerd'),
    ]
    for (const token of [expired, revoked, orphan, changed])
      assert.deepEqual(await doors(lab, bearer(token)), [200, 200])
    lab.clock.advance(60_000)
    const { items } = await lab.client.list(oauthAccessTokens, '', { fieldSelector: 'userName=emil' })
    await lab.client.delete(oauthAccessTokens, '', items[0]?.metadata.name ?? '')
    await lab.client.delete(users, '', 'fritz')
    // Another user by the same name is another user (U-12).
    await lab.client.delete(users, '', 'gerd')
    await logIn(lab, 'gerd')
    const name = (await lab.client.list(oauthAccessTokens, '')).items[0]?.metadata.name ?? ''
    for (const token of [
      expired,
      revoked,
      orphan,
      changed,
      'sha256~',
      `sha256~${'A'.repeat(43)}`,
      'x',
      name,
    ]) {
      for (const headers of [bearer(token), basic(`any:${token}`)]) {
        assert.deepEqual(await doors(lab, headers), [401, 401], token)
      }
    }
  })

  it('forged, unsigned, signed otherwise, and meant for others', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const good = await accountToken(lab)
    assert.equal((await lab.pull('GET', '/v2/', { as: '', headers: bearer(good.token) })).status, 200)
    const [header, payload, signature] = good.parts
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const own = (head: object, claims: object) => {
      const text = `${encode(head)}.${encode(claims)}`
      const signed = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${text}.${signed.toString('base64url')}`
    }
    const jwks = await lab.call('GET', '/openid/v1/jwks', { as: 'root' })
    const [jwk] = jwks.json<{ keys: Record<string, unknown>[] }>().keys
    const pem = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    const hmacText = `${encode({ ...good.header, alg: 'HS256' })}.${payload}`
    const hmac = createHmac('sha256', pem).update(hmacText).digest('base64url')
    const { kubernetes, ...rest } = good.payload as Record<string, unknown>
    const bad: Record<string, string> = {
      'alg none': `${encode({ ...good.header, alg: 'none' })}.${payload}.`,
      'alg none with a signature': `${encode({ ...good.header, alg: 'None' })}.${payload}.${signature}`,
      'HMAC with the public key': `${hmacText}.${hmac}`,
      'other claims': `${header}.${encode({ ...good.payload, sub: 'system:serviceaccount:kube-system:default' })}.${signature}`,
      'another key by the same id': own(good.header, good.payload),
      'a key id that is a path': own({ ...good.header, kid: '../../../dev/null' }, good.payload),
      'a key id that is an address': own({ ...good.header, kid: 'https://evil.test/jwks' }, good.payload),
      'a key of its own in the header': own(
        { ...good.header, jwk: privateKey.export({ format: 'jwk' }) },
        good.payload,
      ),
      'no account': own(good.header, { ...rest, x: kubernetes }),
      'cut off': good.token.slice(0, -2),
      'another audience': (await accountToken(lab, ['https://elsewhere.test'])).token,
    }
    for (const [what, token] of Object.entries(bad)) {
      assert.deepEqual(await doors(lab, bearer(token)), [401, 401], what)
      assert.equal(
        (await lab.pull('GET', '/openshift/token', { as: '', headers: basic(`x:${token}`) })).status,
        401,
        what,
      )
    }
    const logged = lab.logged().join('\n')
    for (const token of Object.values(bad)) assert(!logged.includes(token), 'no token is logged')
  })

  it('a token scoped to less than everything does not count for everything (U-15)', async () => {
    await using lab = await openLab()
    const token = await logIn(lab, 'dora')
    const [stored] = (await lab.client.list(oauthAccessTokens, '')).items
    assert(stored !== undefined)
    await lab.client.update(oauthAccessTokens, '', { ...stored, scopes: ['user:info'] })
    assert.deepEqual(await doors(lab, bearer(token)), [401, 401])
  })

  it('headers by which a proxy would tell who calls count for nothing from anybody', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const forwarded = {
      'x-remote-user': 'system:admin',
      'x-remote-group': 'system:masters',
      'x-forwarded-user': 'root',
      'x-forwarded-email': 'root@example.com',
      'remote-user': 'root',
      'x-webauth-user': 'root',
    }
    assert.deepEqual(await doors(lab, forwarded), [403, 401])
    const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
    assert.equal((await lab.call('GET', path, { as: 'carol', headers: forwarded })).status, 403)
    const anonymous = await lab.call('GET', path, { as: '', headers: forwarded })
    assert.match(`${anonymous.json().message}`, /User "system:anonymous" cannot list/)
  })

  it('nobody becomes another by asking (U-93)', async () => {
    await using lab = await openLab()
    for (const headers of [
      { 'impersonate-user': 'root' },
      { 'impersonate-group': 'system:masters' },
    ] as Record<string, string>[]) {
      const { status } = await lab.call('GET', '/apis/user.openshift.io/v1/users/~', { headers })
      assert(status === 403 || status === 400 || status === 500, `${status}`)
    }
  })
})

describe('grants', () => {
  const rbac = 'rbac.authorization.k8s.io'
  const denied = (error: unknown) => isApiError(error, 'Forbidden')

  it('nobody gives more than they have, by whichever path', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const alice = lab.as('alice')
    await assert.rejects(alice.create(roleBindings, 'demo', bind('demo', 'bob', 'cluster-admin')), denied)
    await assert.rejects(alice.create(roleBindings, 'demo', bind('demo', 'bob', 'cluster-reader')), denied)
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
    await assert.rejects(alice.create(roles, 'demo', { metadata: { name: 'all' }, rules }), denied)
    await assert.rejects(alice.create(clusterRoles, '', { metadata: { name: 'all' }, rules }), denied)
    const small = [{ apiGroups: ['image.openshift.io'], resources: ['imagestreams'], verbs: ['get'] }]
    const role = await alice.create(roles, 'demo', { metadata: { name: 'small' }, rules: small })
    await assert.rejects(alice.update(roles, 'demo', { ...role, rules }), denied)
    await assert.rejects(
      alice.patch(roles, 'demo', 'small', {
        type: 'json',
        body: [{ op: 'replace', path: '/rules', value: rules }],
      }),
      denied,
    )
    // The same through the older API group.
    const body = {
      apiVersion: 'authorization.openshift.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'sly' },
      roleRef: { name: 'cluster-admin' },
      userNames: ['bob'],
    }
    const path = '/apis/authorization.openshift.io/v1/namespaces/demo/rolebindings'
    assert.equal((await lab.call('POST', path, { body })).status, 403)
    assert.equal((await lab.call('POST', path, { body: { ...body, roleRef: { name: 'view' } } })).status, 201)
    const names = (await lab.client.list(roleBindings, 'demo')).items.map(({ metadata }) => metadata.name)
    assert.deepEqual(
      names.filter((name) => name === 'sly' || name?.startsWith('cluster')),
      ['sly'],
    )
  })

  it('a name that looks like another’s is another name', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    for (const name of [
      'Alice',
      'alice ',
      'аlice',
      'system:serviceaccount:demo:builder/x',
      'system:serviceaccounts',
    ]) {
      await lab.client.create(roleBindings, 'demo', {
        ...bind('demo', name, 'admin'),
        metadata: { name: `b${createHash('sha256').update(name).digest('hex').slice(0, 8)}` },
      } as RoleBinding)
    }
    await assert.rejects(lab.as('carol').list(roleBindings, 'demo'), denied)
    const { token } = await accountToken(lab)
    const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/demo/rolebindings'
    assert.equal((await lab.call('GET', path, { as: '', headers: bearer(token) })).status, 403)
    // A user by the name of a group is not that group.
    const subject = { kind: 'User', apiGroup: rbac, name: 'system:authenticated' }
    await lab.client.create(roleBindings, 'demo', { ...bind('demo', 'x', 'admin'), subjects: [subject] })
    await assert.rejects(lab.as('carol').list(roleBindings, 'demo'), denied)
  })
})
