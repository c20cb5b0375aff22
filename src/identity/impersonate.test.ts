import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Action, Authorize, Subject } from '../access/access.ts'
import { bootstrapClusterRoleBindings } from '../access/bootstrap-bindings.ts'
import { bootstrapClusterRoles } from '../access/bootstrap-roles.ts'
import { decide } from '../access/decide.ts'
import { createPolicy } from '../access/policy.ts'
import type { PolicyRule } from '../access/rbac-objects.ts'
import type { RequestHeaders } from './authenticator.ts'
import { impersonate } from './impersonate.ts'

const alice: Subject = { name: 'alice', groups: ['system:authenticated:oauth', 'system:authenticated'] }
const admin: Subject = { name: 'root', groups: ['system:cluster-admins', 'system:authenticated'] }

function authorizeWith(...rules: PolicyRule[]): Authorize {
  const policy = createPolicy({
    clusterRoles: [...bootstrapClusterRoles, { metadata: { name: 'given' }, rules }],
    clusterRoleBindings: [
      ...bootstrapClusterRoleBindings,
      {
        metadata: { name: 'given' },
        subjects: [{ kind: 'User', name: 'alice' }],
        roleRef: { kind: 'ClusterRole', name: 'given' },
      },
    ],
  })
  return async (subject, action) => decide(subject, action, policy)
}

const review: Action = {
  kind: 'resource',
  verb: 'create',
  group: 'authorization.k8s.io',
  resource: 'selfsubjectaccessreviews',
  subresource: '',
  namespace: '',
  name: '',
}
const path: Action = { kind: 'path', verb: 'get', path: '/apis/image.openshift.io/v1' }

const as = (caller: Subject, headers: RequestHeaders, authorize = authorizeWith(), action: Action = review) =>
  impersonate(caller, headers, action, authorize)
const message = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: Error) => error.message,
  )

describe('impersonate()', () => {
  it('leaves the caller alone without headers', async () => assert.equal(await as(alice, {}), alice))

  it('refuses an ordinary user with the messages of r275 (U-93)', async () => {
    assert.equal(
      await message(as(alice, { 'impersonate-user': 'bob' })),
      'selfsubjectaccessreviews.authorization.k8s.io is forbidden: User "alice" cannot impersonate-on:user-info:create resource "selfsubjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope',
    )
    assert.equal(
      await message(as(alice, { 'impersonate-user': 'bob' }, authorizeWith(), path)),
      'forbidden: User "alice" cannot impersonate-on:user-info:get path "/apis/image.openshift.io/v1"',
    )
    assert.match(
      await message(as(alice, { 'impersonate-user': 'system:serviceaccount:demo:builder' })),
      /cannot impersonate-on:serviceaccount:create resource/,
    )
  })

  it('lets a cluster admin be anybody', async () => {
    assert.deepEqual(await as(admin, { 'impersonate-user': 'bob' }), {
      name: 'bob',
      groups: ['system:authenticated'],
    })
    assert.deepEqual(
      await as(admin, {
        'impersonate-user': 'bob',
        'impersonate-uid': '7',
        'impersonate-group': ['dev', 'ops'],
        'impersonate-extra-scopes.authorization.openshift.io': 'user:full',
        'impersonate-extra-a%2fb': ['x', 'y'],
      }),
      {
        name: 'bob',
        uid: '7',
        groups: ['dev', 'ops', 'system:authenticated'],
        extra: { 'scopes.authorization.openshift.io': ['user:full'], 'a/b': ['x', 'y'] },
      },
    )
    assert.deepEqual(await as(admin, { 'impersonate-user': 'system:serviceaccount:demo:builder' }), {
      name: 'system:serviceaccount:demo:builder',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:demo', 'system:authenticated'],
    })
    assert.deepEqual(await as(admin, { 'impersonate-user': 'system:anonymous' }), {
      name: 'system:anonymous',
      groups: ['system:unauthenticated'],
    })
  })

  it('asks for every part of the identity', async () => {
    const users: PolicyRule = {
      verbs: ['impersonate'],
      apiGroups: [''],
      resources: ['users'],
      resourceNames: ['bob'],
    }
    const groups: PolicyRule = {
      verbs: ['impersonate'],
      apiGroups: [''],
      resources: ['groups'],
      resourceNames: ['dev'],
    }
    const allowed = authorizeWith(users, groups)
    assert.equal(
      (await as(alice, { 'impersonate-user': 'bob', 'impersonate-group': 'dev' }, allowed)).name,
      'bob',
    )
    for (const headers of [
      { 'impersonate-user': 'eve' },
      { 'impersonate-user': 'bob', 'impersonate-group': ['dev', 'system:masters'] },
      { 'impersonate-user': 'bob', 'impersonate-uid': '1' },
      { 'impersonate-user': 'bob', 'impersonate-extra-x': 'y' },
      { 'impersonate-user': 'system:serviceaccount:demo:builder' },
    ]) {
      assert.match(await message(as(alice, headers, allowed)), /is forbidden: User "alice" cannot/)
    }
  })

  it('takes the right to impersonate accounts of one namespace for that namespace only', async () => {
    const builder = 'system:serviceaccount:demo:builder'
    const edit: PolicyRule = { verbs: ['impersonate'], apiGroups: [''], resources: ['serviceaccounts'] }
    assert.equal((await as(alice, { 'impersonate-user': builder }, authorizeWith(edit))).name, builder)
  })

  it('takes constrained rights for what they name', async () => {
    const identity: PolicyRule = {
      verbs: ['impersonate:user-info'],
      apiGroups: ['authentication.k8s.io'],
      resources: ['users', 'groups'],
    }
    const on: PolicyRule = {
      verbs: ['impersonate-on:user-info:create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews'],
    }
    const both = authorizeWith(identity, on)
    assert.equal((await as(alice, { 'impersonate-user': 'bob' }, both)).name, 'bob')
    assert.match(
      await message(as(alice, { 'impersonate-user': 'bob' }, both, path)),
      /impersonate-on:user-info:get path/,
    )
    assert.match(
      await message(as(alice, { 'impersonate-user': 'bob' }, authorizeWith(on))),
      /^users.authentication.k8s.io "bob" is forbidden: User "alice" cannot impersonate:user-info resource "users"/,
    )
    assert.match(
      await message(as(alice, { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' }, both)),
      /cannot impersonate resource "groups"/,
    )
  })

  it('does not take the right to be a user for the right to be a node', async () => {
    const on = (mode: string): PolicyRule => ({
      verbs: [`impersonate-on:${mode}:create`],
      apiGroups: ['*'],
      resources: ['*'],
    })
    const be = (mode: string, resource: string): PolicyRule => ({
      verbs: [`impersonate:${mode}`],
      apiGroups: ['authentication.k8s.io'],
      resources: [resource],
    })
    const node = { 'impersonate-user': 'system:node:n1' }
    const asUser = authorizeWith(on('user-info'), be('user-info', 'users'))
    assert.match(await message(as(alice, node, asUser)), /impersonate-on:arbitrary-node:create/)
    const asNode = authorizeWith(on('arbitrary-node'), be('arbitrary-node', 'nodes'))
    assert.equal((await as(alice, node, asNode)).name, 'system:node:n1')
    assert.match(await message(as(alice, { 'impersonate-user': 'bob' }, asNode)), /impersonate-on:user-info/)
  })

  it('refuses groups, uid or extra without a user, and two users', async () => {
    for (const headers of [
      { 'impersonate-group': 'system:masters' },
      { 'impersonate-uid': '0' },
      { 'impersonate-extra-x': 'y' },
    ]) {
      assert.match(await message(as(admin, headers)), /without impersonating a user/)
    }
    assert.match(await message(as(admin, { 'impersonate-user': ['a', 'b'] })), /only one user/)
  })
})
