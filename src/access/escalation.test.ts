import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Subject } from './access.ts'
import { bootstrapClusterRoleBindings } from './bootstrap-bindings.ts'
import { bootstrapClusterRoles } from './bootstrap-roles.ts'
import { bindingRefusal, escalations, roleRefusal } from './escalation.ts'
import { createPolicy } from './policy.ts'
import { projectAdminBinding } from './project-bindings.ts'
import type { PolicyRule, RoleBinding } from './rbac-objects.ts'

const alice: Subject = { name: 'alice', groups: ['system:authenticated:oauth', 'system:authenticated'] }
const bind = (namespace: string, name: string, role: string, user: string): RoleBinding => ({
  metadata: { name, namespace },
  subjects: [{ kind: 'User', name: user }],
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
})
const policy = createPolicy({
  clusterRoles: bootstrapClusterRoles,
  clusterRoleBindings: bootstrapClusterRoleBindings,
  roleBindings: [projectAdminBinding('demo', 'alice'), bind('demo', 'v', 'view', 'vera')],
})
const refused = (subject: Subject, role: string, namespace = 'demo') =>
  bindingRefusal(
    subject,
    {
      name: 'b',
      namespace,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    },
    policy,
  )

describe('bindingRefusal()', () => {
  it('lets a project admin bind what admin covers (U-84)', () => {
    for (const role of [
      'admin',
      'edit',
      'view',
      'system:image-puller',
      'system:image-pusher',
      'system:image-builder',
      'registry-admin',
      'registry-editor',
      'registry-viewer',
    ]) {
      assert.equal(refused(alice, role), undefined, role)
    }
  })

  it('refuses what admin does not cover, with Kubernetes’ text', () => {
    const error = refused(alice, 'system:image-auditor')
    assert.deepEqual(error?.toStatus(), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'rolebindings.rbac.authorization.k8s.io "b" is forbidden: user "alice" (groups=["system:authenticated:oauth" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["images"], Verbs:["get" "list" "patch" "update" "watch"]}\n' +
        '{APIGroups:["image.openshift.io"], Resources:["images"], Verbs:["get" "list" "patch" "update" "watch"]}',
      reason: 'Forbidden',
      details: { name: 'b', group: 'rbac.authorization.k8s.io', kind: 'rolebindings' },
      code: 403,
    })
    assert.match(refused(alice, 'cluster-admin')?.message ?? '', /NonResourceURLs:\["\*"\], Verbs:\["\*"\]/)
  })

  it('refuses a viewer and, in another project, an admin', () => {
    assert.equal(refused({ name: 'vera', groups: [] }, 'edit')?.code, 403)
    assert.equal(refused({ name: 'vera', groups: [] }, 'registry-viewer'), undefined)
    assert.equal(refused(alice, 'view', 'other')?.code, 403)
  })

  it('answers 404 for a role that does not exist, under the name of the role (r276)', () => {
    assert.equal(
      refused(alice, 'no-such-role')?.message,
      'rolebindings.rbac.authorization.k8s.io "no-such-role" not found',
    )
  })

  it('lets pass who may bind the role, and system:masters', () => {
    const verb = { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['bind'] }
    const one = createPolicy({
      clusterRoles: [
        ...bootstrapClusterRoles,
        { metadata: { name: 'binder' }, rules: [{ ...verb, resourceNames: ['cluster-admin'] }] },
      ],
      roleBindings: [bind('demo', 'x', 'binder', 'bert')],
    })
    const ask = (subject: Subject, name: string) =>
      bindingRefusal(subject, { name: 'b', namespace: 'demo', roleRef: { kind: 'ClusterRole', name } }, one)
    assert.equal(ask({ name: 'bert', groups: [] }, 'cluster-admin'), undefined)
    assert.equal(ask({ name: 'bert', groups: [] }, 'admin')?.code, 403)
    assert.equal(ask({ name: 'x', groups: ['system:masters'] }, 'gone'), undefined)
  })
})

describe('roleRefusal()', () => {
  const role = (rules: PolicyRule[], isAggregated = false) =>
    roleRefusal(alice, { name: 'r', namespace: 'demo', rules, isAggregated }, policy)

  it('lets through what the writer holds', () => {
    assert.equal(role([{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }]), undefined)
    assert.equal(role([]), undefined)
  })

  it('refuses more, and merges verbs of one resource', () => {
    const nodes: PolicyRule = {
      apiGroups: [''],
      resources: ['nodes'],
      verbs: ['get', 'list'],
      resourceNames: ['n'],
    }
    assert.equal(
      role([nodes])?.message.split('\n')[1],
      '{APIGroups:[""], Resources:["nodes"], ResourceNames:["n"], Verbs:["get" "list"]}',
    )
  })

  it('lets only a cluster admin say what is aggregated', () => {
    assert.match(
      role([], true)?.message ?? '',
      /must have cluster-admin privileges to use the aggregationRule/,
    )
    const admin: Subject = { name: 'root', groups: ['system:cluster-admins'] }
    assert.equal(
      roleRefusal(admin, { name: 'r', namespace: '', rules: [], isAggregated: true }, policy),
      undefined,
    )
  })
})

const one = (list: string[]) => fc.subarray(list, { minLength: 1 })
const anyRule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: one(['get', 'list', 'update']),
  apiGroups: one(['', 'apps']),
  resources: one(['pods', 'pods/log', 'secrets']),
})

describe('escalations(), for any rules', () => {
  const holder = (rules: PolicyRule[]) =>
    createPolicy({
      clusterRoles: [{ metadata: { name: 'held' }, rules }],
      roleBindings: [bind('demo', 'x', 'held', 'hugo')],
    })
  const hugo: Subject = { name: 'hugo', groups: [] }

  it('lets everybody grant what they hold', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 4 }), (rules) => {
        return escalations(hugo, rules, 'demo', holder(rules)) === undefined
      }),
    )
  })

  it('refuses a rule that no held one covers', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 4 }), (rules) => {
        const more: PolicyRule = { verbs: ['delete'], apiGroups: [''], resources: ['pods'] }
        return escalations(hugo, [...rules, more], 'demo', holder(rules)) !== undefined
      }),
    )
  })

  it('does not take a right to named objects for a right to all', () => {
    const named: PolicyRule = {
      verbs: ['get'],
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: ['a', 'b'],
    }
    const { resourceNames: _, ...all } = named
    assert.notEqual(escalations(hugo, [all], 'demo', holder([named])), undefined)
    assert.equal(escalations(hugo, [{ ...named, resourceNames: ['b'] }], 'demo', holder([named])), undefined)
    assert.notEqual(
      escalations(hugo, [{ ...named, resourceNames: ['c'] }], 'demo', holder([named])),
      undefined,
    )
  })

  it('takes stars for what they cover', () => {
    const held: PolicyRule[] = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*/log'] },
      { verbs: ['get'], nonResourceURLs: ['/apis/*'] },
    ]
    const ask = (rule: PolicyRule) => escalations(hugo, [rule], 'demo', holder(held)) === undefined
    assert(ask({ verbs: ['get'], apiGroups: [''], resources: ['pods/log'] }))
    assert(!ask({ verbs: ['get'], apiGroups: [''], resources: ['pods'] }))
    assert(!ask({ verbs: ['get'], apiGroups: [''], resources: ['*'] }))
    assert(ask({ verbs: ['get'], nonResourceURLs: ['/apis/x', '/apis/x/*'] }))
    assert(!ask({ verbs: ['get'], nonResourceURLs: ['/api'] }))
  })
})
