import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Authorize, Subject } from '../access/access.ts'
import { bootstrapClusterRoleBindings } from '../access/bootstrap-bindings.ts'
import { bootstrapClusterRoles } from '../access/bootstrap-roles.ts'
import { decide } from '../access/decide.ts'
import { createPolicy } from '../access/policy.ts'
import { projectAdminBinding, projectBindings } from '../access/project-bindings.ts'
import type { SelfSubjectRulesReview } from '../api/openshift-authorization/self-subject-rules-review.ts'
import { users } from '../api/user/index.ts'
import { reviewLocalSubjectAccess, reviewSelfSubjectAccess, reviewSubjectAccess } from './access-review.ts'
import { reviewFlatSubjectAccess, reviewResourceAccess } from './flat-access-review.ts'
import { reviewFlatRules, reviewSelfSubjectRules } from './rules-review.ts'
import { getSelfUser } from './self-user.ts'
import { createTestClient } from './test-client.ts'
import { parseTokenFile } from './token-file.ts'
import { reviewSelfSubject, reviewToken } from './token-review.ts'

const alice: Subject = {
  name: 'alice',
  uid: 'alice',
  groups: ['system:authenticated:oauth', 'system:authenticated'],
}
const bob: Subject = { name: 'bob', groups: ['system:authenticated'] }
const policy = createPolicy({
  clusterRoles: bootstrapClusterRoles,
  clusterRoleBindings: bootstrapClusterRoleBindings,
  roleBindings: [projectAdminBinding('demo', 'alice'), ...projectBindings('demo')],
})
const authorize: Authorize = async (subject, action) => decide(subject, action, policy)
const message = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: Error) => error.message,
  )

const layers = {
  namespace: 'demo',
  verb: 'get',
  group: 'image.openshift.io',
  resource: 'imagestreams',
  subresource: 'layers',
  name: 'ruby',
}
const status = { allowed: false }
const byAdmin = 'RBAC: allowed by RoleBinding "admin/demo" of ClusterRole "admin" to User "alice"'

describe('access reviews of authorization.k8s.io', () => {
  it('answer about the caller', async () => {
    const body = { metadata: {}, spec: { resourceAttributes: layers }, status }
    assert.deepEqual(await reviewSelfSubjectAccess(body, alice, authorize), {
      metadata: {},
      spec: { resourceAttributes: layers },
      status: { allowed: true, reason: byAdmin },
    })
    assert.deepEqual((await reviewSelfSubjectAccess(body, bob, authorize)).status, { allowed: false })
  })

  it('answer about paths', async () => {
    const ask = async (path: string) => {
      const body = { metadata: {}, spec: { nonResourceAttributes: { verb: 'get', path } }, status }
      return (await reviewSelfSubjectAccess(body, bob, authorize)).status.allowed
    }
    assert.deepEqual([await ask('/version'), await ask('/metrics')], [true, false])
  })

  it('answer about others by name and groups', async () => {
    const ask = async (user: string, groups: string[]) => {
      const body = { metadata: {}, spec: { resourceAttributes: layers, user, groups }, status }
      return (await reviewSubjectAccess(body, authorize)).status
    }
    assert.deepEqual(await ask('alice', []), { allowed: true, reason: byAdmin })
    assert.equal((await ask('x', ['system:serviceaccounts:demo'])).allowed, true)
    assert.equal((await ask('x', [])).allowed, false)
  })

  it('refuse bodies that ask nothing, both, or about nobody', async () => {
    const self = (spec: object) =>
      message(reviewSelfSubjectAccess({ metadata: {}, spec, status } as never, alice, authorize))
    assert.match(
      await self({}),
      /exactly one of nonResourceAttributes or resourceAttributes must be specified/,
    )
    assert.match(
      await self({ resourceAttributes: layers, nonResourceAttributes: { path: '/' } }),
      /spec.nonResourceAttributes: Invalid value: .*cannot be specified in combination with resourceAttributes/,
    )
    const other = { metadata: {}, spec: { resourceAttributes: layers }, status }
    assert.match(
      await message(reviewSubjectAccess(other, authorize)),
      /at least one of user or group must be specified/,
    )
  })

  it('keep the local form to its namespace', async () => {
    const ask = (spec: object, namespace: string) =>
      reviewLocalSubjectAccess({ metadata: {}, spec, status } as never, namespace, authorize)
    const spec = { resourceAttributes: layers, user: 'alice' }
    assert.equal((await ask(spec, 'demo')).status.allowed, true)
    assert.match(await message(ask(spec, 'other')), /must match namespace: other/)
    const path = { nonResourceAttributes: { verb: 'get', path: '/' }, user: 'alice' }
    assert.match(await message(ask(path, 'demo')), /disallowed on this kind of request/)
  })
})

const flat = (change: object = {}) => ({
  metadata: {},
  namespace: '',
  verb: 'get',
  resourceAPIGroup: '',
  resourceAPIVersion: '',
  resource: 'imagestreams/layers',
  resourceName: '',
  path: '',
  isNonResourceURL: false,
  user: '',
  groups: [],
  scopes: [],
  ...change,
})

describe('access reviews of authorization.openshift.io', () => {
  it('answer about the caller as oc login asks (r004)', async () => {
    const ask = (verb: string) =>
      reviewFlatSubjectAccess(
        flat({ namespace: 'default', verb, resource: 'projectrequests' }),
        '',
        alice,
        authorize,
      )
    assert.deepEqual(await ask('list'), {
      kind: 'SubjectAccessReviewResponse',
      apiVersion: 'authorization.openshift.io/v1',
      namespace: 'default',
      allowed: true,
      reason:
        'RBAC: allowed by ClusterRoleBinding "basic-users" of ClusterRole "basic-user" to Group "system:authenticated"',
    })
    assert.equal(
      (await ask('create')).reason,
      'RBAC: allowed by ClusterRoleBinding "self-provisioners" of ClusterRole "self-provisioner" to Group "system:authenticated:oauth"',
    )
    assert.deepEqual(await ask('delete'), {
      kind: 'SubjectAccessReviewResponse',
      apiVersion: 'authorization.openshift.io/v1',
      namespace: 'default',
      allowed: false,
    })
  })

  it('let project admins ask about others in their project only (U-92)', async () => {
    const about = (caller: Subject, namespace: string) =>
      reviewFlatSubjectAccess(flat({ user: 'alice' }), namespace, caller, authorize)
    assert.equal((await about(alice, 'demo')).allowed, true)
    assert.match(await message(about(alice, 'other')), /localsubjectaccessreviews.* in the namespace "other"/)
    assert.match(await message(about(alice, '')), /cannot create resource "subjectaccessreviews"/)
    assert.match(
      await message(about(bob, 'demo')),
      /User "bob" cannot create resource "localsubjectaccessreviews"/,
    )
    assert.equal((await reviewFlatSubjectAccess(flat(), 'demo', bob, authorize)).allowed, false)
  })

  it('refuse anonymous even about itself', async () => {
    const anonymous: Subject = { name: 'system:anonymous', groups: ['system:unauthenticated'] }
    const asked = reviewFlatSubjectAccess(flat(), 'demo', anonymous, authorize)
    assert.match(await message(asked), /^selfsubjectaccessreviews.authorization.k8s.io is forbidden/)
  })

  it('force the namespace of the path', async () => {
    const answer = await reviewFlatSubjectAccess(flat({ namespace: 'other' }), 'demo', alice, authorize)
    assert.deepEqual([answer.namespace, answer.allowed], ['demo', true])
  })

  it('say who can (r274)', () => {
    const answer = reviewResourceAccess(flat(), 'demo', policy)
    assert.deepEqual(Object.keys(answer).sort(), [
      'apiVersion',
      'evalutionError',
      'groups',
      'kind',
      'namespace',
      'users',
    ])
    assert.equal(answer.evalutionError, '')
    assert.deepEqual(answer.groups, [
      'system:cluster-admins',
      'system:cluster-readers',
      'system:masters',
      'system:serviceaccounts:demo',
    ])
    assert.deepEqual(answer.users.slice(0, 3), [
      'alice',
      'system:admin',
      'system:serviceaccount:demo:builder',
    ])
    assert.equal(reviewResourceAccess(flat(), '', policy).namespace, undefined)
  })
})

describe('rules reviews', () => {
  it('list what the caller may in a namespace', async () => {
    const empty = { resourceRules: [], nonResourceRules: [], incomplete: false }
    const body = { metadata: {}, spec: { namespace: 'demo' }, status: empty }
    const answer = reviewSelfSubjectRules(body, alice, policy).status
    assert.equal(answer.incomplete, false)
    assert(answer.resourceRules.some(({ resources = [] }) => resources.includes('imagestreams/layers')))
    assert(answer.nonResourceRules.some(({ nonResourceURLs = [] }) => nonResourceURLs.includes('/version')))
    const other = reviewSelfSubjectRules(body, bob, policy).status
    assert(!other.resourceRules.some(({ resources = [] }) => resources.includes('imagestreams/layers')))
    assert.throws(
      () => reviewSelfSubjectRules({ ...body, spec: {} }, alice, policy),
      /no namespace on request/,
    )
  })

  it('answer in the flat form too', () => {
    const body: SelfSubjectRulesReview = { metadata: {}, spec: { scopes: [] }, status: { rules: [] } }
    const { rules } = reviewFlatRules(body, alice, 'demo', policy).status
    assert(rules.some(({ resources }) => resources.includes('imagestreams/layers')))
  })
})

describe('reviews of authentication.k8s.io', () => {
  it('say who the caller is (r002)', () => {
    const body = { metadata: {}, status: { userInfo: {} } }
    assert.deepEqual(reviewSelfSubject(body, alice, new Date('2026-11-23T03:53:58.5Z')), {
      metadata: { creationTimestamp: '2026-11-23T03:53:58Z' },
      status: {
        userInfo: {
          username: 'alice',
          uid: 'alice',
          groups: ['system:authenticated:oauth', 'system:authenticated'],
        },
      },
    })
  })

  it('say whose a token is, or that it is nobody’s', async () => {
    const deps = { tokens: [parseTokenFile('good,alice,7,dev\n', 'f')], audiences: ['api'] }
    const ask = async (token: string, audiences: string[] = []) =>
      (await reviewToken({ metadata: {}, spec: { token, audiences }, status: { user: {} } }, deps)).status
    const user = { username: 'alice', uid: '7', groups: ['dev', 'system:authenticated'] }
    assert.deepEqual(await ask('good'), { authenticated: true, user })
    assert.deepEqual(await ask('good', ['x', 'api']), { authenticated: true, user, audiences: ['api'] })
    assert.deepEqual(await ask('good', ['x']), { error: 'invalid bearer token', user: {} })
    assert.deepEqual(await ask('bad'), { error: 'invalid bearer token', user: {} })
    assert.match(await message(ask('')), /token is required/)
  })
})

describe('getSelfUser()', () => {
  it('is the caller’s own user, one made up for the system’s, 404 for others', async () => {
    const client = createTestClient()
    await client.create(users, '', { metadata: { name: 'bob' }, groups: null, identities: ['local:bob'] })
    assert.deepEqual((await getSelfUser(bob, client)).identities, ['local:bob'])
    const builder: Subject = {
      name: 'system:serviceaccount:demo:builder',
      groups: ['system:serviceaccounts:demo', 'system:serviceaccounts', 'system:authenticated'],
    }
    assert.deepEqual(await getSelfUser(builder, client), {
      metadata: { name: builder.name },
      groups: ['system:serviceaccounts', 'system:serviceaccounts:demo'],
      identities: null,
    })
    assert.equal(await message(getSelfUser(alice, client)), 'users.user.openshift.io "~" not found')
  })
})
