import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ResourceAction, Subject } from '../access/access.ts'
import { clusterRoles, roleBindings, roles } from '../api/rbac/index.ts'
import { groups } from '../api/user/index.ts'
import { createAuthorizer } from './authorizer.ts'
import { openGroupIndex } from './group-index.ts'
import { openPolicySource, untilAllowed } from './policy-source.ts'
import { createTestClient } from './test-client.ts'

const bob: Subject = { name: 'bob', groups: ['system:authenticated'] }
const pull: ResourceAction = {
  kind: 'resource',
  verb: 'get',
  group: 'image.openshift.io',
  resource: 'imagestreams',
  subresource: 'layers',
  namespace: 'demo',
  name: 'app',
}
const rules = [{ apiGroups: [''], resources: ['imagestreams/layers'], verbs: ['get'] }]
const binding = (kind: string) => ({
  metadata: { name: 'x', namespace: 'demo' },
  subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' }],
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: 'pull' },
})

/** Until it is so: what is watched arrives soon, and the test's own limit ends the wait. */
async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(1)
}

describe('createAuthorizer() over openPolicySource()', () => {
  it('knows what existed, and forgets decisions when roles or bindings change', async (t) => {
    const stop = new AbortController()
    t.after(() => stop.abort())
    const client = createTestClient()
    await client.create(clusterRoles, '', { metadata: { name: 'pull' }, rules })
    const policySource = await openPolicySource(client, stop.signal)
    const authorize = createAuthorizer({ policySource })
    const can = async () => (await authorize(bob, pull)).allowed

    assert.equal(await can(), false)
    const made = await client.create(roleBindings, 'demo', binding('ClusterRole'))
    await eventually(can)
    await client.update(roleBindings, 'demo', { ...made, subjects: [] })
    await eventually(async () => !(await can()))
    await client.delete(roleBindings, 'demo', 'x')
    await client.create(roleBindings, 'demo', binding('Role'))
    await eventually(async () => (await authorize(bob, pull)).reason.includes('role.rbac'))
    await client.create(roles, 'demo', { metadata: { name: 'pull', namespace: 'demo' }, rules })
    await eventually(can)
    await client.delete(roles, 'demo', 'pull')
    await eventually(async () => !(await can()))
  })

  it('tells subjects apart by name and by groups', async (t) => {
    const stop = new AbortController()
    t.after(() => stop.abort())
    const client = createTestClient()
    await client.create(clusterRoles, '', { metadata: { name: 'pull' }, rules })
    await client.create(roleBindings, 'demo', {
      ...binding('ClusterRole'),
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'dev' }],
    })
    const authorize = createAuthorizer({ policySource: await openPolicySource(client, stop.signal) })
    const ask = async (name: string, ...list: string[]) =>
      (await authorize({ name, groups: list }, pull)).allowed
    assert.equal(await ask('bob', 'dev'), true)
    assert.equal(await ask('bob'), false)
    assert.equal(await ask('dev'), false)
    assert.equal(await ask('bob", "dev'), false)
    assert.equal(await ask('bob', 'ops', 'dev'), true)
  })

  it('starts over when a watch breaks off, and reports it', async (t) => {
    const stop = new AbortController()
    t.after(() => stop.abort())
    const client = createTestClient()
    await client.create(clusterRoles, '', { metadata: { name: 'pull' }, rules })
    await client.create(roleBindings, 'demo', binding('ClusterRole'))
    const errors: unknown[] = []
    let breaks = 1
    const fragile = {
      ...client,
      async *watch(...args: Parameters<typeof client.watch>) {
        if (args[0] === (roleBindings as unknown) && breaks-- > 0) {
          await client.delete(roleBindings, 'demo', 'x')
          throw new Error('the connection is gone')
        }
        yield* client.watch(...args)
      },
    } as typeof client
    const policySource = await openPolicySource(fragile, stop.signal, (error) => errors.push(error))
    const authorize = createAuthorizer({ policySource })
    await eventually(async () => !(await authorize(bob, pull)).allowed)
    assert.match(String(errors[0]), /the connection is gone/)
    await client.create(roleBindings, 'demo', binding('ClusterRole'))
    await eventually(async () => (await authorize(bob, pull)).allowed)
  })
})

describe('untilAllowed()', () => {
  it('resolves when the right has come, at once when it is there, and ends with its signal', async (t) => {
    const stop = new AbortController()
    t.after(() => stop.abort())
    const client = createTestClient()
    await client.create(clusterRoles, '', { metadata: { name: 'pull' }, rules })
    const source = await openPolicySource(client, stop.signal)
    const early = untilAllowed(source, bob, pull, stop.signal)
    await client.create(roleBindings, 'demo', binding('ClusterRole'))
    await early
    await untilAllowed(source, bob, pull, stop.signal)
    await assert.rejects(untilAllowed(source, { name: 'eve', groups: [] }, pull, AbortSignal.abort()), {
      name: 'AbortError',
    })
  })
})

describe('openGroupIndex()', () => {
  it('knows the groups of a user as they change', async (t) => {
    const stop = new AbortController()
    t.after(() => stop.abort())
    const client = createTestClient()
    const dev = await client.create(groups, '', { metadata: { name: 'dev' }, users: ['bob', 'alice'] })
    const index = await openGroupIndex(client, stop.signal)
    assert.deepEqual(index.groupsOf('bob'), ['dev'])
    await client.create(groups, '', { metadata: { name: 'admins' }, users: ['bob'] })
    await eventually(() => index.groupsOf('bob').length === 2)
    assert.deepEqual(index.groupsOf('bob'), ['admins', 'dev'])
    await client.update(groups, '', { ...dev, users: ['alice'] })
    await eventually(() => index.groupsOf('bob').length === 1)
    await client.delete(groups, '', 'admins')
    await eventually(() => index.groupsOf('bob').length === 0)
    assert.deepEqual(index.groupsOf('alice'), ['dev'])
  })
})
