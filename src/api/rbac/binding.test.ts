import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellsOf, createObject, errorTexts, updateObject } from '../common/write-object.ts'
import { clusterRoles } from './cluster-role.ts'
import { clusterRoleBindings } from './cluster-role-binding.ts'
import { roles } from './role.ts'
import { roleBindings } from './role-binding.ts'

const body = (subjects: object[], roleRef: object = { kind: 'ClusterRole', name: 'edit' }) => ({
  metadata: { name: 'b', namespace: 'demo' },
  subjects,
  roleRef,
})

describe('role bindings', () => {
  it('fills in the groups of subjects and role', () => {
    const { object, errors } = createObject(
      roleBindings,
      body([
        { kind: 'User', name: 'alice' },
        { kind: 'ServiceAccount', name: 'builder', namespace: 'demo' },
      ]),
    )
    assert.deepEqual(errors, [])
    assert.equal(object.roleRef.apiGroup, 'rbac.authorization.k8s.io')
    assert.deepEqual(
      object.subjects?.map((subject) => subject.apiGroup),
      ['rbac.authorization.k8s.io', undefined],
    )
    const cells = cellsOf(roleBindings, object)
    assert.deepEqual(
      [cells.Role, cells.Users, cells.Groups, cells.ServiceAccounts],
      ['ClusterRole/edit', 'alice', '', 'demo/builder'],
    )
  })

  it('refuses subjects and roles that there are not', () => {
    const texts = (kind: typeof roleBindings | typeof clusterRoleBindings, object: object) =>
      errorTexts(createObject<never>(kind as never, object).errors)
    assert.deepEqual(texts(roleBindings, body([{ kind: 'Cat', name: 'x' }])), [
      'subjects[0].kind: Unsupported value',
    ])
    assert.deepEqual(texts(roleBindings, body([{ kind: 'User' }])), ['subjects[0].name: Required value'])
    assert.deepEqual(texts(roleBindings, body([], { kind: 'Role', name: '' })), [
      'roleRef.name: Required value',
    ])
    assert.deepEqual(texts(clusterRoleBindings, body([], { kind: 'Role', name: 'x' })), [
      'roleRef.kind: Unsupported value',
    ])
    assert.deepEqual(texts(clusterRoleBindings, body([{ kind: 'ServiceAccount', name: 'x' }])), [
      'subjects[0].namespace: Required value',
    ])
  })

  it('keeps the role', () => {
    const { object } = createObject(roleBindings, body([]))
    const { errors } = updateObject(roleBindings, object, body([], { kind: 'ClusterRole', name: 'admin' }))
    assert.deepEqual(
      errors.map(({ field, detail }) => `${field}: ${detail}`),
      ['roleRef: cannot change roleRef'],
    )
  })
})

describe('roles', () => {
  const rules = (list: object[] | null) => ({ metadata: { name: 'r' }, rules: list })

  it('prints null where there are no rules, as the real server does', () => {
    assert.equal(createObject(roles, { metadata: { name: 'r' } }).object.rules, null)
  })

  it('demands verbs, groups and resources, and leaves paths to cluster roles', () => {
    const texts = (list: object[]) => errorTexts(createObject(roles, rules(list)).errors)
    assert.deepEqual(texts([{}]), [
      'rules[0].verbs: Required value',
      'rules[0].apiGroups: Required value',
      'rules[0].resources: Required value',
    ])
    assert.deepEqual(texts([{ verbs: ['get'], nonResourceURLs: ['/x'] }]), [
      'rules[0].nonResourceURLs: Invalid value',
    ])
    assert.deepEqual(
      createObject(clusterRoles, rules([{ verbs: ['get'], nonResourceURLs: ['/x'] }])).errors,
      [],
    )
    assert.deepEqual(texts([{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]), [])
  })

  it('may have a colon in its name', () => {
    assert.deepEqual(roles.hooks.validateName?.('system:image-puller', false), [])
    assert.equal(roles.hooks.validateName?.('a/b', false).length, 1)
  })
})
