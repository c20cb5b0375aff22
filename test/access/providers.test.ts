import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { hash } from 'bcryptjs'
import {
  clusterRoles,
  identities,
  oauthAccessTokens,
  secrets,
  serviceAccounts,
  users,
} from '../../src/api/index.ts'
import { type Lab, openLab } from '../lab/open-lab.ts'

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

/** A lab whose users are in a file; dora's hash is dearer than emil's. */
async function openLabWithUsers(): Promise<Lab & { dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-users-'))
  const lines = [`dora:${await hash('dora’s', 6)}`, `emil:${await hash('emil’s', 4)}`]
  await writeFile(join(dir, 'users'), `${lines.join('\n')}\n`)
  const config = `identity: {providers: [{name: local, htpasswd: {file: ${join(dir, 'users')}}}]}`
  const lab = await openLab({ config })
  return {
    ...lab,
    dir,
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]().then(() => rm(dir, { recursive: true })),
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.fail(what)
}

describe('users of a htpasswd file', () => {
  it('are known to the API, the registry and the login alike, and become User and Identity (U-21)', async () => {
    await using lab = await openLabWithUsers()
    const headers = basic('dora', 'dora’s')
    const self = await lab.call('GET', '/apis/user.openshift.io/v1/users/~', { as: '', headers })
    assert.equal(self.json<{ metadata: { name: string } }>().metadata.name, 'dora')
    assert.equal((await lab.pull('GET', '/v2/', { as: '', headers })).status, 200)
    assert.deepEqual((await lab.client.get(users, '', 'dora')).identities, ['local:dora'])
    assert.equal((await lab.client.get(identities, '', 'local:dora')).providerName, 'local')
    const query = 'client_id=openshift-challenging-client&response_type=token'
    const login = await lab.call('GET', `/oauth/authorize?${query}`, {
      as: '',
      headers: { ...headers, 'x-csrf-token': '1' },
    })
    assert.equal(login.status, 302)
    assert.match(`${login.headers.location}`, /#access_token=sha256~/)
  })

  it('nobody hears which names exist: unknown user and wrong password are answered alike', async () => {
    await using lab = await openLabWithUsers()
    const query = 'client_id=openshift-challenging-client&response_type=token'
    const doors: ((headers: Record<string, string>) => ReturnType<Lab['call']>)[] = [
      (headers) => lab.call('GET', '/apis/user.openshift.io/v1/users/~', { as: '', headers }),
      (headers) =>
        lab.call('GET', `/oauth/authorize?${query}`, {
          as: '',
          headers: { ...headers, 'x-csrf-token': '1' },
        }),
      (headers) => lab.pull('GET', '/v2/', { as: '', headers }),
      (headers) => lab.pull('GET', '/openshift/token', { as: '', headers }),
    ]
    for (const [index, door] of doors.entries()) {
      const answers = new Set<string>()
      for (const [user, password] of [
        ['dora', 'x'],
        ['emil', 'dora’s'],
        ['nobody', 'x'],
        ['admin', 'x'],
        ['system:admin', 'x'],
      ] as const) {
        const { status, text, headers } = await door(basic(user, password))
        assert.equal(status, 401)
        answers.add(`${headers['www-authenticate']} ${text}`)
      }
      assert.equal(answers.size, 1, `door ${index}`)
    }
  })

  it('guessing is slowed down, and what was right before is refused as well for a while', async () => {
    await using lab = await openLabWithUsers()
    const ask = async (password: string) =>
      (await lab.pull('GET', '/v2/', { as: '', headers: basic('emil', password) })).status
    assert.equal(await ask('emil’s'), 200)
    for (let guess = 0; guess < 10; guess++) assert.equal(await ask(`guess ${guess}`), 401)
    assert.equal(await ask('emil’s'), 401)
    lab.clock.advance(301_000)
    assert.equal(await ask('emil’s'), 200)
  })

  it('the file is read anew when it changes; a version that is wrong changes nothing', async () => {
    await using lab = await openLabWithUsers()
    const ask = async (user: string, password: string) => {
      // Failures are forgotten, so that asking often is no attack.
      lab.clock.advance(301_000)
      return (await lab.pull('GET', '/v2/', { as: '', headers: basic(user, password) })).status
    }
    assert.equal(await ask('fritz', 'new'), 401)
    await writeFile(join(lab.dir, 'users'), `fritz:${await hash('new', 4)}\n`)
    await until('the new user is known', async () => (await ask('fritz', 'new')) === 200)
    assert.equal(await ask('dora', 'dora’s'), 401)
    await writeFile(join(lab.dir, 'users'), 'fritz:plain\n')
    await until('the mistake is told', async () =>
      lab.logged().some((line) => line.includes('not hashed with bcrypt')),
    )
    assert.equal(await ask('fritz', 'new'), 200)
  })
})

describe('the registry’s token endpoint', () => {
  it('makes an access token for a name and a password, and echoes a token (B-15)', async () => {
    await using lab = await openLabWithUsers()
    const ask = (headers: Record<string, string>) =>
      lab.pull('GET', '/openshift/token?scope=repository:a/b:pull', { as: '', headers })
    const minted = await ask(basic('dora', 'dora’s'))
    const { token, access_token, expires_in } = minted.json<{
      token: string
      access_token: string
      expires_in: number
    }>()
    assert.match(token, /^sha256~[\w-]{43}$/)
    assert.deepEqual([access_token, expires_in], [token, 3600])
    const headers = { authorization: `Bearer ${token}` }
    assert.equal((await lab.pull('GET', '/v2/', { as: '', headers })).status, 200)
    const echoed = await ask(basic('anybody', token))
    assert.deepEqual(echoed.json(), { access_token: token, token })
    assert.equal((await lab.client.list(oauthAccessTokens, '')).items.length, 1)
    lab.clock.advance(3_600_000)
    assert.equal((await lab.pull('GET', '/v2/', { as: '', headers })).status, 401)
    // Worn out, it counts neither as a token nor as a wrong password of dora's.
    for (let again = 0; again < 20; again++) assert.equal((await ask(basic('dora', token))).status, 401)
    assert.equal((await ask(basic('dora', 'dora’s'))).status, 200)
  })
})

describe('what follows by itself', () => {
  it('an aggregated role takes the rules of roles with its label, and gives them back (U-60)', async () => {
    await using lab = await openLab()
    const rules = [{ apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] }]
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
    await lab.client.create(clusterRoles, '', { metadata: { name: 'things', labels }, rules })
    const has = async (name: string) =>
      JSON.stringify((await lab.client.get(clusterRoles, '', name)).rules).includes('example.com')
    await until('view has it', () => has('view'))
    await until(
      'edit and admin, which contain view, have it',
      async () => (await has('edit')) && (await has('admin')),
    )
    await lab.client.delete(clusterRoles, '', 'things')
    await until('none has it', async () => !(await has('view')) && !(await has('admin')))
  })

  it('a token secret made by a user is filled, and goes with its account (U-13)', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const type = 'kubernetes.io/service-account-token'
    const body = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'mine', annotations: { 'kubernetes.io/service-account.name': 'builder' } },
      type,
    }
    assert.equal((await lab.call('POST', '/api/v1/namespaces/demo/secrets', { body })).status, 201)
    let token = ''
    await until('it is filled', async () => {
      const { data = {} } = await lab.client.get(secrets, 'demo', 'mine')
      token = Buffer.from(data.token ?? '', 'base64').toString('utf8')
      return token !== ''
    })
    const headers = { authorization: `Bearer ${token}` }
    assert.equal((await lab.pull('GET', '/v2/', { as: '', headers })).status, 200)
    await lab.client.delete(serviceAccounts, 'demo', 'builder')
    await until('it is gone', async () =>
      (await lab.client.list(secrets, 'demo')).items.every(({ metadata }) => metadata.name !== 'mine'),
    )
    assert.equal((await lab.pull('GET', '/v2/', { as: '', headers })).status, 401)
  })

  it('a pull secret that was deleted comes again under another name (U-33)', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const linked = async () =>
      (await lab.client.get(serviceAccounts, 'demo', 'default')).imagePullSecrets?.[0]?.name ?? ''
    const first = await linked()
    await lab.client.delete(secrets, 'demo', first)
    await until('another is linked', async () => !['', first].includes(await linked()))
    const { secrets: mountable = [] } = await lab.client.get(serviceAccounts, 'demo', 'default')
    assert(!mountable.some(({ name }) => name === first))
  })

  it('its entries are all the names that the registry is configured to have (U-31)', async () => {
    await using lab = await openLab({
      config: 'imagePolicy: {externalRegistryHostnames: [images.example.com]}',
    })
    await lab.project('demo')
    let names: string[] = []
    await until('it is filled', async () => {
      const { items } = await lab.client.list(secrets, 'demo')
      const found = items.find(({ metadata }) => metadata.name?.startsWith('default-dockercfg-'))
      names = Object.keys(
        JSON.parse(Buffer.from(found?.data?.['.dockercfg'] ?? 'e30=', 'base64').toString('utf8')),
      )
      return names.length > 0
    })
    assert.deepEqual(names, ['images.example.com', 'registry.lab:5000'])
  })
})

describe('own tokens and mappings', () => {
  it('useroauthaccesstokens are the caller’s own, and nobody else’s', async () => {
    await using lab = await openLabWithUsers()
    for (const user of ['dora', 'emil'])
      await lab.pull('GET', '/openshift/token', { as: '', headers: basic(user, `${user}’s`) })
    const base = '/apis/oauth.openshift.io/v1/useroauthaccesstokens'
    const listed = async (user: string) => {
      const answer = await lab.call('GET', base, { as: '', headers: basic(user, `${user}’s`) })
      assert.equal(answer.status, 200, answer.text)
      return answer.json<{ items: { metadata: { name: string }; userName: string }[] }>().items
    }
    const [mine] = await listed('dora')
    assert.equal(mine?.userName, 'dora')
    assert.equal((await listed('emil')).length, 1)
    const path = `${base}/${mine?.metadata.name}`
    assert.equal((await lab.call('DELETE', path, { as: '', headers: basic('emil', 'emil’s') })).status, 404)
    assert.equal((await lab.call('DELETE', path, { as: '', headers: basic('dora', 'dora’s') })).status, 200)
    assert.equal((await listed('dora')).length, 0)
  })

  it('useridentitymappings move an identity to another user', async () => {
    await using lab = await openLabWithUsers()
    for (const user of ['dora', 'emil'])
      await lab.pull('GET', '/v2/', { as: '', headers: basic(user, `${user}’s`) })
    const path = '/apis/user.openshift.io/v1/useridentitymappings'
    const body = {
      apiVersion: 'user.openshift.io/v1',
      kind: 'UserIdentityMapping',
      metadata: { name: 'local:dora' },
      identity: { name: 'local:dora' },
      user: { name: 'emil' },
    }
    const moved = await lab.call('PUT', `${path}/local:dora`, { as: 'root', body })
    assert.equal(moved.status, 200, moved.text)
    const self = await lab.call('GET', '/apis/user.openshift.io/v1/users/~', {
      as: '',
      headers: basic('dora', 'dora’s'),
    })
    assert.equal(self.json<{ metadata: { name: string } }>().metadata.name, 'emil')
    assert.equal((await lab.call('DELETE', `${path}/local:dora`, { as: 'root' })).status, 200)
    assert.equal((await lab.pull('GET', '/v2/', { as: '', headers: basic('dora', 'dora’s') })).status, 401)
    assert.equal((await lab.call('GET', `${path}/local:dora`, { as: 'root' })).status, 404)
    assert.equal(
      (await lab.call('POST', path, { as: 'root', body: { ...body, user: { name: 'dora' } } })).status,
      200 + 1,
    )
    assert.equal((await lab.pull('GET', '/v2/', { as: '', headers: basic('dora', 'dora’s') })).status, 200)
    assert.equal((await lab.call('GET', `${path}/local:dora`)).status, 403)
  })
})

describe('self-provisioning', () => {
  it('is off where the configuration says so, but for whom it is granted', async () => {
    await using lab = await openLab({ config: 'identity: {selfProvisioning: false}' })
    const body = { apiVersion: 'project.openshift.io/v1', kind: 'ProjectRequest', metadata: { name: 'mine' } }
    const path = '/apis/project.openshift.io/v1/projectrequests'
    assert.equal((await lab.call('POST', path, { body })).status, 403)
    const ask = await lab.call('GET', path)
    assert.equal(ask.status, 403)
    assert.equal((await lab.call('POST', path, { as: 'root', body })).status, 201)
  })
})
