import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ResourceAction, Subject } from './access.ts'
import { anonymous } from './access.ts'
import { bootstrapClusterRoleBindings } from './bootstrap-bindings.ts'
import { bootstrapClusterRoles } from './bootstrap-roles.ts'
import { decide } from './decide.ts'
import { createPolicy } from './policy.ts'
import { projectAdminBinding, projectBindings } from './project-bindings.ts'
import type { RoleBinding } from './rbac-objects.ts'
import { rulesFor } from './rules-for.ts'
import { whoCan } from './who-can.ts'

const user = (name: string, ...groups: string[]): Subject => ({
  name,
  groups: [...groups, 'system:authenticated'],
})
const alice = user('alice', 'system:authenticated:oauth')
const account = (namespace: string, name: string): Subject =>
  user(
    `system:serviceaccount:${namespace}:${name}`,
    'system:serviceaccounts',
    `system:serviceaccounts:${namespace}`,
  )

function layers(verb: string, namespace: string): ResourceAction {
  return {
    kind: 'resource',
    verb,
    group: 'image.openshift.io',
    resource: 'imagestreams',
    subresource: 'layers',
    namespace,
    name: 'app',
  }
}

function binding(
  namespace: string,
  name: string,
  role: string,
  subject: RoleBinding['subjects'],
): RoleBinding {
  return {
    metadata: { name, ...(namespace === '' ? {} : { namespace }) },
    ...(subject === undefined ? {} : { subjects: subject }),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  }
}

const demoBindings = [projectAdminBinding('demo', 'alice'), ...projectBindings('demo')]

function policyWith(...roleBindings: RoleBinding[]) {
  return createPolicy({
    clusterRoles: bootstrapClusterRoles,
    clusterRoleBindings: bootstrapClusterRoleBindings,
    roleBindings: [...demoBindings, ...projectBindings('other'), ...roleBindings],
  })
}

const policy = policyWith()

describe('decide()', () => {
  it('tells which binding of the project allows it', () => {
    assert.deepEqual(decide(alice, layers('get', 'demo'), policy), {
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "admin/demo" of ClusterRole "admin" to User "alice"',
    })
  })

  it('tells which cluster binding allows it, the cluster first', () => {
    const asked: ResourceAction = {
      ...layers('list', 'default'),
      group: '',
      resource: 'projectrequests',
      subresource: '',
      name: '',
    }
    assert.equal(
      decide(alice, asked, policy).reason,
      'RBAC: allowed by ClusterRoleBinding "basic-users" of ClusterRole "basic-user" to Group "system:authenticated"',
    )
    assert.equal(
      decide(alice, { ...asked, verb: 'create' }, policy).reason,
      'RBAC: allowed by ClusterRoleBinding "self-provisioners" of ClusterRole "self-provisioner" to Group "system:authenticated:oauth"',
    )
  })

  it('names a service account by name and namespace', () => {
    assert.equal(
      decide(account('demo', 'builder'), layers('update', 'demo'), policy).reason,
      'RBAC: allowed by RoleBinding "system:image-builders/demo" of ClusterRole "system:image-builder" to ServiceAccount "builder/demo"',
    )
  })

  it('gives no reason for a refusal', () => {
    assert.deepEqual(decide(user('bob'), layers('get', 'demo'), policy), { allowed: false, reason: '' })
  })

  it('keeps a binding inside its namespace', () => {
    assert.equal(decide(alice, layers('get', 'other'), policy).allowed, false)
    assert.equal(decide(alice, layers('get', ''), policy).allowed, false)
  })

  it('lets accounts of a project pull in it, builder push, and none elsewhere (U-72)', () => {
    const rights = (name: string, namespace: string) =>
      ['get', 'update'].filter(
        (verb) => decide(account('demo', name), layers(verb, namespace), policy).allowed,
      )
    assert.deepEqual(rights('default', 'demo'), ['get'])
    assert.deepEqual(rights('deployer', 'demo'), ['get'])
    assert.deepEqual(rights('builder', 'demo'), ['get', 'update'])
    assert.deepEqual(rights('default', 'other'), [])
    assert.deepEqual(rights('builder', 'other'), [])
  })

  it('takes a User by the full name of a service account for that account (U-1)', () => {
    const name = 'system:serviceaccount:other:default'
    const byUser = policyWith(binding('demo', 'x', 'system:image-puller', [{ kind: 'User', name }]))
    const subject = [{ kind: 'ServiceAccount', namespace: 'other', name: 'default' }]
    const byAccount = policyWith(binding('demo', 'x', 'system:image-puller', subject))
    for (const one of [byUser, byAccount]) {
      assert.equal(decide(account('other', 'default'), layers('get', 'demo'), one).allowed, true)
      assert.equal(decide(account('other', 'builder'), layers('get', 'demo'), one).allowed, false)
    }
  })

  it('takes a service account without namespace for one of the binding’s', () => {
    const one = policyWith(binding('demo', 'x', 'edit', [{ kind: 'ServiceAccount', name: 'robot' }]))
    assert.equal(decide(account('demo', 'robot'), layers('update', 'demo'), one).allowed, true)
    assert.equal(decide(account('other', 'robot'), layers('update', 'demo'), one).allowed, false)
  })

  it('ignores subjects of a kind that it does not know', () => {
    const one = policyWith(binding('demo', 'x', 'edit', [{ kind: 'SystemUser', name: 'bob' }]))
    assert.equal(decide(user('bob'), layers('update', 'demo'), one).allowed, false)
  })

  it('tells of a role that is missing, each once', () => {
    const bob = [{ kind: 'User', name: 'bob' }]
    const one = policyWith(binding('demo', 'x', 'gone', bob), binding('demo', 'y', 'gone', bob))
    assert.equal(
      decide(user('bob'), layers('get', 'demo'), one).reason,
      'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    )
    const two = policyWith(binding('demo', 'x', 'gone', bob), binding('demo', 'y', 'lost', bob))
    assert.equal(
      decide(user('bob'), layers('get', 'demo'), two).reason,
      'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, clusterrole.rbac.authorization.k8s.io "lost" not found]',
    )
  })

  it('finds a Role only in its own namespace', () => {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'pull' }
    const rules = [{ apiGroups: [''], resources: ['imagestreams/layers'], verbs: ['get'] }]
    const one = createPolicy({
      roles: [{ metadata: { name: 'pull', namespace: 'demo' }, rules }],
      roleBindings: ['demo', 'other'].map((namespace) => ({
        metadata: { name: 'x', namespace },
        subjects: [{ kind: 'User', name: 'bob' }],
        roleRef,
      })),
    })
    assert.deepEqual(decide(user('bob'), layers('get', 'demo'), one), {
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "x/demo" of Role "pull" to User "bob"',
    })
    assert.equal(
      decide(user('bob'), layers('get', 'other'), one).reason,
      'RBAC: role.rbac.authorization.k8s.io "pull" not found',
    )
  })

  it('lets system:masters do everything even without a policy', () => {
    const decision = decide(user('x', 'system:masters'), layers('delete', 'demo'), createPolicy())
    assert.deepEqual(decision, { allowed: true, reason: '' })
  })

  it('gives anonymous the version and the OAuth document, not discovery nor the root', () => {
    const get = (subject: Subject, path: string) =>
      decide(subject, { kind: 'path', verb: 'get', path }, policy).allowed
    for (const path of ['/version', '/healthz', '/.well-known/oauth-authorization-server']) {
      assert.equal(get(anonymous, path), true, path)
    }
    for (const path of ['/', '/api', '/apis', '/apis/image.openshift.io/v1', '/openapi/v2', '/metrics']) {
      assert.equal(get(anonymous, path), false, path)
    }
    for (const path of ['/', '/api', '/apis/image.openshift.io/v1', '/openapi/v3']) {
      assert.equal(get(alice, path), true, path)
    }
  })

  it('lets a granted anonymous pull (r307, r308)', () => {
    const one = policyWith(
      binding('demo', 'x', 'system:image-puller', [{ kind: 'User', name: 'system:anonymous' }]),
    )
    assert.equal(decide(anonymous, layers('get', 'demo'), one).allowed, true)
    assert.equal(decide(anonymous, layers('update', 'demo'), one).allowed, false)
  })
})

describe('createPolicy()', () => {
  it('follows bindings and roles as they change and go', () => {
    const one = createPolicy({ clusterRoles: bootstrapClusterRoles })
    const can = (name: string, verb = 'get') => decide(user(name), layers(verb, 'demo'), one).allowed
    one.put('roleBindings', binding('demo', 'x', 'system:image-puller', [{ kind: 'User', name: 'bob' }]))
    assert.deepEqual([can('bob'), can('eve')], [true, false])
    one.put('roleBindings', binding('demo', 'x', 'system:image-pusher', [{ kind: 'User', name: 'eve' }]))
    assert.deepEqual([can('bob'), can('eve'), can('eve', 'update')], [false, true, true])
    one.put('clusterRoles', { metadata: { name: 'system:image-pusher' }, rules: [] })
    assert.equal(can('eve'), false)
    one.remove('clusterRoles', '', 'system:image-pusher')
    assert.match(decide(user('eve'), layers('get', 'demo'), one).reason, /"system:image-pusher" not found/)
    one.remove('roleBindings', 'demo', 'x')
    assert.equal(decide(user('eve'), layers('get', 'demo'), one).reason, '')
    assert.deepEqual(one.bindingsIn('demo'), [])
  })
})

describe('whoCan()', () => {
  it('lists holders of the project and of the cluster, sorted (r274)', () => {
    const one = policyWith(
      binding('demo', 'system:image-puller', 'system:image-puller', [
        { kind: 'ServiceAccount', namespace: 'other', name: 'default' },
      ]),
    )
    const asked: ResourceAction = {
      ...layers('get', 'demo'),
      group: '',
      resource: 'imagestreams/layers',
      subresource: '',
      name: '',
    }
    assert.deepEqual(whoCan(asked, one), {
      users: [
        'alice',
        'system:admin',
        'system:serviceaccount:demo:builder',
        'system:serviceaccount:kube-system:generic-garbage-collector',
        'system:serviceaccount:kube-system:namespace-controller',
        'system:serviceaccount:openshift-infra:default-rolebindings-controller',
        'system:serviceaccount:openshift-infra:template-instance-controller',
        'system:serviceaccount:openshift-infra:template-instance-finalizer-controller',
        'system:serviceaccount:other:default',
      ],
      groups: [
        'system:cluster-admins',
        'system:cluster-readers',
        'system:masters',
        'system:serviceaccounts:demo',
      ],
    })
  })

  it('names system:masters whatever the bindings say', () => {
    assert.deepEqual(whoCan(layers('get', 'demo'), createPolicy()), { users: [], groups: ['system:masters'] })
  })

  it('agrees with decide()', () => {
    for (const verb of ['get', 'update', 'delete']) {
      const { users } = whoCan(layers(verb, 'demo'), policy)
      for (const name of ['alice', 'bob', 'system:admin', 'system:serviceaccount:demo:builder']) {
        assert.equal(
          users.includes(name),
          decide(user(name), layers(verb, 'demo'), policy).allowed,
          `${verb} ${name}`,
        )
      }
    }
  })
})

describe('rulesFor()', () => {
  it('gives the cluster’s rules and the namespace’s', () => {
    const held = rulesFor(account('demo', 'default'), 'demo', policy)
    const resources = held.rules.flatMap(({ resources: list = [] }) => list)
    assert(resources.includes('imagestreams/layers'))
    assert(resources.includes('selfsubjectaccessreviews'))
    assert.deepEqual(held.errors, [])
    const elsewhere = rulesFor(account('demo', 'default'), 'other', policy)
    assert(!elsewhere.rules.flatMap(({ resources: list = [] }) => list).includes('imagestreams/layers'))
  })

  it('gives system:masters everything', () => {
    const { rules } = rulesFor(user('x', 'system:masters'), 'demo', createPolicy())
    assert.deepEqual(rules, [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ])
  })
})
