import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { bootstrapClusterRoles } from '../access/bootstrap-roles.ts'
import { secrets, serviceAccounts } from '../api/core/index.ts'
import { clusterRoles, roleBindings } from '../api/rbac/index.ts'
import { createAccountTokenSource } from './account-token-source.ts'
import { decodeDockercfg, encodeDockercfg, registryAddresses } from './dockercfg.ts'
import { binding, dockercfgName, linkAccountSecret, ofAccount, secretRef } from './plan-account-secret.ts'
import { reconcileAccountSecret } from './reconcile-account.ts'
import { reconcileAggregation } from './reconcile-aggregation.ts'
import { reconcileNamespaceAccess } from './reconcile-namespace.ts'
import { createSigningKeys, generateSigningKey } from './signing-keys.ts'
import { createTestClient } from './test-client.ts'
import { reconcileTokenSecret } from './token-secret.ts'

const issuer = 'https://weir.test'
const hosts = ['127.0.0.1:5000', 'image-registry.openshift-image-registry.svc:5000']

async function open() {
  let time = new Date('2026-03-01T12:00:00Z')
  let addresses = hosts
  const now = () => time
  const client = createTestClient(now)
  const deps = {
    client,
    keys: await createSigningKeys([generateSigningKey()]),
    issuer,
    audiences: [issuer],
    now,
    newId: () => randomUUID(),
    addresses: () => addresses,
    tokenLifetime: 3600,
    randomBytes: (size: number) => new Uint8Array(randomBytes(size)),
  }
  await client.create(serviceAccounts, 'demo', { metadata: { name: 'builder', namespace: 'demo' } })
  const account = () => client.get(serviceAccounts, 'demo', 'builder')
  const secret = async () =>
    client.get(secrets, 'demo', (await account()).metadata.annotations?.[secretRef] ?? '')
  return {
    client,
    deps,
    account,
    secret,
    token: async () => decodeDockercfg((await secret()).data?.['.dockercfg'] ?? '')?.token ?? '',
    run: () => reconcileAccountSecret(deps, 'demo', 'builder'),
    pass(seconds: number) {
      time = new Date(time.getTime() + seconds * 1000)
    },
    move(list: string[]) {
      addresses = list
    },
  }
}

describe('reconcileAccountSecret() (U-30 to U-33)', () => {
  it('makes, links and fills the pull secret', async () => {
    const lab = await open()
    assert.deepEqual(await lab.run(), { again: 2160 })
    const account = await lab.account()
    const secret = await lab.secret()
    const name = secret.metadata.name ?? ''
    assert.match(name, /^builder-dockercfg-[a-z0-9]{5}$/)
    assert.deepEqual(account.secrets, [{ name }])
    assert.deepEqual(account.imagePullSecrets, [{ name }])
    assert.deepEqual(account.metadata.annotations, { [secretRef]: name })
    assert.equal(secret.type, 'kubernetes.io/dockercfg')
    assert.deepEqual(secret.metadata.annotations, { [ofAccount]: 'builder', [binding]: 'bound' })
    assert.deepEqual(secret.metadata.ownerReferences, [
      { apiVersion: 'v1', kind: 'ServiceAccount', name: 'builder', uid: account.metadata.uid },
    ])
    const file = JSON.parse(Buffer.from(secret.data?.['.dockercfg'] ?? '', 'base64').toString())
    assert.deepEqual(Object.keys(file), hosts)
    const auth = Buffer.from(`<token>:${await lab.token()}`).toString('base64')
    assert.deepEqual(Object.values(file), [{ auth }, { auth }])
  })

  it('gives a token that is good as long as its secret is there', async () => {
    const lab = await open()
    await lab.run()
    const source = createAccountTokenSource(lab.deps)
    const token = await lab.token()
    const subject = await source.authenticateToken(token)
    assert(subject !== 'bad' && subject?.name === 'system:serviceaccount:demo:builder')
    await lab.client.delete(secrets, 'demo', (await lab.secret()).metadata.name ?? '')
    assert.equal(await source.authenticateToken(token), 'bad')
  })

  it('does nothing while all is well', async () => {
    const lab = await open()
    await lab.run()
    const before = lab.client.dump()
    lab.pass(2159)
    assert.deepEqual(await lab.run(), { again: 1 })
    assert.equal(lab.client.dump(), before)
  })

  it('fills again when less than 40 % of its life is left', async () => {
    const lab = await open()
    await lab.run()
    const old = await lab.token()
    lab.pass(2160)
    await lab.run()
    assert.notEqual(await lab.token(), old)
  })

  it('fills again when addresses or key change', async () => {
    const lab = await open()
    await lab.run()
    const name = (await lab.secret()).metadata.name
    lab.move([...hosts, 'registry.example.com'])
    await lab.run()
    assert.deepEqual(decodeDockercfg((await lab.secret()).data?.['.dockercfg'] ?? '')?.addresses, [
      ...hosts,
      'registry.example.com',
    ])
    const old = await lab.token()
    lab.deps.keys = await createSigningKeys([generateSigningKey()])
    await lab.run()
    assert.notEqual(await lab.token(), old)
    assert.equal((await lab.secret()).metadata.name, name)
  })

  it('makes another secret for a deleted one, and repairs the lists', async () => {
    const lab = await open()
    await lab.run()
    const old = (await lab.secret()).metadata.name ?? ''
    const account = await lab.account()
    await lab.client.update(serviceAccounts, 'demo', {
      ...account,
      imagePullSecrets: [...(account.imagePullSecrets ?? []), { name: 'mine' }],
      secrets: [{ name: 'mine' }, ...(account.secrets ?? [])],
    })
    await lab.client.delete(secrets, 'demo', old)
    await lab.run()
    const name = (await lab.secret()).metadata.name ?? ''
    assert.notEqual(name, old)
    const repaired = await lab.account()
    assert.deepEqual(repaired.imagePullSecrets, [{ name: 'mine' }, { name }])
    assert.deepEqual(repaired.secrets, [{ name: 'mine' }, { name }])
  })

  it('takes up what was broken off after each step', async () => {
    const lab = await open()
    const { client } = lab
    for (const failing of ['create', 'update'] as const) {
      for (let left = 0; left < 2; left++) {
        let count = left
        const broken = {
          ...client,
          [failing]: async (...args: Parameters<typeof client.create>) => {
            if (count-- === 0) throw new Error('the power is gone')
            return failing === 'create' ? client.create(...args) : client.update(...args)
          },
        } as typeof client
        await reconcileAccountSecret({ ...lab.deps, client: broken }, 'demo', 'builder').catch(() => {})
      }
    }
    assert.deepEqual(await lab.run(), { again: 2160 })
    assert.equal((await client.list(secrets, 'demo')).items.length, 1)
  })

  it('does not take a secret that another account or a user made for its own', async () => {
    const lab = await open()
    const { uid = '' } = (await lab.account()).metadata
    const owner = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'builder', uid }
    const foreign = [
      { metadata: { name: 'a', annotations: { [ofAccount]: 'builder' } }, type: 'kubernetes.io/dockercfg' },
      { metadata: { name: 'b', ownerReferences: [owner] }, type: 'kubernetes.io/dockercfg' },
      {
        metadata: { name: 'c', annotations: { [ofAccount]: 'builder' }, ownerReferences: [owner] },
        type: 'Opaque',
      },
    ]
    for (const secret of foreign) {
      await lab.client.create(secrets, 'demo', { ...secret, data: { '.dockercfg': encodeDockercfg([]) } })
    }
    await lab.run()
    assert.match((await lab.secret()).metadata.name ?? '', /^builder-dockercfg-/)
  })

  it('leaves an account that is gone or going', async () => {
    const lab = await open()
    assert.deepEqual(await reconcileAccountSecret(lab.deps, 'demo', 'nobody'), { again: undefined })
    assert.deepEqual((await lab.client.list(secrets, 'demo')).items, [])
  })
})

describe('dockercfg', () => {
  it('tolerates an empty map and what is no map', () => {
    assert.deepEqual(decodeDockercfg(encodeDockercfg([])), { addresses: [], token: undefined })
    for (const text of ['', '%', 'bnVsbA==', 'W10=', Buffer.from('{"a":null}').toString('base64')]) {
      assert.equal(decodeDockercfg(text)?.token, undefined)
    }
  })

  it('sorts addresses and writes each once (r630)', () => {
    const file = Buffer.from(encodeDockercfg(['b', 'a', 'b'], 't'), 'base64').toString()
    const auth = Buffer.from('<token>:t').toString('base64')
    assert.equal(file, `{"a":{"auth":"${auth}"},"b":{"auth":"${auth}"}}`)
  })

  it('names the registry as pods and people do (U-31)', () => {
    const service = {
      namespace: 'openshift-image-registry',
      name: 'image-registry',
      clusterIP: '172.30.0.50',
    }
    assert.deepEqual(registryAddresses([{ ...service, port: 5000 }], ['127.0.0.1:15000']), [
      '127.0.0.1:15000',
      '172.30.0.50:5000',
      'image-registry.openshift-image-registry.svc.cluster.local:5000',
      'image-registry.openshift-image-registry.svc:5000',
    ])
    assert(registryAddresses([{ ...service, port: 443 }], []).includes('172.30.0.50'))
    assert(registryAddresses([{ ...service, port: 443 }], []).includes('172.30.0.50:443'))
  })

  it('keeps names within 63 characters (U-30)', () => {
    assert.equal(dockercfgName('default', 'ab2cd'), 'default-dockercfg-ab2cd')
    const long = dockercfgName('x'.repeat(63), 'ab2cd')
    assert.equal(long.length, 63)
    assert(long.endsWith('-dockercfg-ab2cd'))
  })

  it('links once', () => {
    const account = linkAccountSecret({ metadata: { name: 'a' } }, 's')
    assert.equal(linkAccountSecret(account, 's'), account)
  })
})

describe('reconcileNamespaceAccess() (U-3, U-70)', () => {
  it('makes accounts and bindings that are missing, and only those', async () => {
    const client = createTestClient()
    await reconcileNamespaceAccess(client, 'demo')
    const names = async () => [
      ...(await client.list(serviceAccounts, 'demo')).items.map(({ metadata }) => metadata.name),
      ...(await client.list(roleBindings, 'demo')).items.map(({ metadata }) => metadata.name),
    ]
    const all = [
      'default',
      'builder',
      'deployer',
      'system:deployers',
      'system:image-builders',
      'system:image-pullers',
    ]
    assert.deepEqual(await names(), all)
    const pullers = await client.get(roleBindings, 'demo', 'system:image-pullers')
    await client.update(roleBindings, 'demo', { ...pullers, subjects: [] })
    await client.delete(roleBindings, 'demo', 'system:deployers')
    await client.delete(serviceAccounts, 'demo', 'builder')
    await reconcileNamespaceAccess(client, 'demo')
    assert.deepEqual((await names()).sort(), [...all].sort())
    assert.deepEqual((await client.get(roleBindings, 'demo', 'system:image-pullers')).subjects, [])
  })

  it('does not mind another doing the same', async () => {
    const client = createTestClient()
    await Promise.all([1, 2, 3].map(() => reconcileNamespaceAccess(client, 'demo')))
    assert.equal((await client.list(serviceAccounts, 'demo')).items.length, 3)
  })
})

describe('reconcileAggregation()', () => {
  it('gives aggregated roles the rules of a role that came or went', async () => {
    const client = createTestClient()
    for (const role of bootstrapClusterRoles) await client.create(clusterRoles, '', role)
    const before = client.dump()
    await reconcileAggregation(client)
    assert.equal(client.dump(), before)
    const rule = { apiGroups: ['example.dev'], resources: ['tagpolicies'], verbs: ['get'] }
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
    await client.create(clusterRoles, '', { metadata: { name: 'weir-view', labels }, rules: [rule] })
    const holders = async () => {
      await reconcileAggregation(client)
      const { items } = await client.list(clusterRoles, '')
      return items
        .filter(({ rules }) => (rules ?? []).some(({ apiGroups = [] }) => apiGroups.includes('example.dev')))
        .map(({ metadata }) => metadata.name)
        .sort()
    }
    assert.deepEqual(await holders(), ['admin', 'cluster-reader', 'edit', 'view', 'weir-view'])
    await client.delete(clusterRoles, '', 'weir-view')
    assert.deepEqual(await holders(), [])
  })
})

describe('reconcileTokenSecret() (legacy tokens, U-13)', () => {
  const type = 'kubernetes.io/service-account-token'
  const annotations = { 'kubernetes.io/service-account.name': 'builder' }

  it('fills a secret that asks for the token of an account', async () => {
    const lab = await open()
    const run = () => reconcileTokenSecret({ ...lab.deps, caCert: 'PEM' }, 'demo', 't')
    await lab.client.create(secrets, 'demo', { metadata: { name: 't', annotations }, type })
    await run()
    const secret = await lab.client.get(secrets, 'demo', 't')
    const { uid } = (await lab.account()).metadata
    assert.deepEqual(secret.metadata.annotations, {
      ...annotations,
      'kubernetes.io/service-account.uid': uid,
    })
    const text = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString()
    assert.deepEqual([text('namespace'), text('ca.crt')], ['demo', 'PEM'])
    const subject = await createAccountTokenSource(lab.deps).authenticateToken(text('token'))
    assert(subject !== 'bad' && subject?.name === 'system:serviceaccount:demo:builder')
    await run()
    assert.equal(
      (await lab.client.get(secrets, 'demo', 't')).metadata.resourceVersion,
      secret.metadata.resourceVersion,
    )
  })

  it('deletes it when the account is gone or another', async () => {
    const lab = await open()
    const run = () => reconcileTokenSecret({ ...lab.deps, caCert: 'PEM' }, 'demo', 't')
    await lab.client.create(secrets, 'demo', { metadata: { name: 't', annotations }, type })
    await run()
    await lab.client.delete(serviceAccounts, 'demo', 'builder')
    await lab.client.create(serviceAccounts, 'demo', { metadata: { name: 'builder' } })
    await run()
    assert.deepEqual((await lab.client.list(secrets, 'demo')).items, [])
  })

  it('leaves other secrets alone', async () => {
    const lab = await open()
    await lab.client.create(secrets, 'demo', { metadata: { name: 't', annotations }, type: 'Opaque' })
    await reconcileTokenSecret({ ...lab.deps, caCert: 'PEM' }, 'demo', 't')
    assert.equal((await lab.client.get(secrets, 'demo', 't')).data, undefined)
  })
})
