import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ClusterRole, OpenshiftRoleBinding, RoleBinding } from '../api/index.ts'
import { fromFlatBinding, fromFlatRole, toFlatBinding, toFlatRole } from './flat-rbac.ts'

const apiGroup = 'rbac.authorization.k8s.io'
const binding: RoleBinding = {
  metadata: { name: 'b', namespace: 'demo' },
  roleRef: { apiGroup, kind: 'ClusterRole', name: 'view' },
  subjects: [
    { kind: 'User', apiGroup, name: 'alice' },
    { kind: 'User', apiGroup, name: 'system:admin' },
    { kind: 'Group', apiGroup, name: 'devs' },
    { kind: 'Group', apiGroup, name: 'system:serviceaccounts:x' },
    { kind: 'ServiceAccount', namespace: 'other', name: 'default' },
  ],
}
const flat: OpenshiftRoleBinding = {
  metadata: { name: 'b', namespace: 'demo' },
  roleRef: { name: 'view' },
  subjects: [
    { kind: 'User', name: 'alice' },
    { kind: 'SystemUser', name: 'system:admin' },
    { kind: 'Group', name: 'devs' },
    { kind: 'SystemGroup', name: 'system:serviceaccounts:x' },
    { kind: 'ServiceAccount', namespace: 'other', name: 'default' },
  ],
  userNames: ['alice', 'system:admin', 'system:serviceaccount:other:default'],
  groupNames: ['devs', 'system:serviceaccounts:x'],
}

describe('bindings of authorization.openshift.io', () => {
  it('show subjects by kind, and by name', () => assert.deepEqual(toFlatBinding(binding), flat))

  it('are written back as they were', () => assert.deepEqual(fromFlatBinding(flat), binding))

  it('name a role of the project by its namespace', () => {
    const local = { ...binding, roleRef: { apiGroup, kind: 'Role', name: 'mine' } }
    assert.deepEqual(toFlatBinding(local).roleRef, { name: 'mine', namespace: 'demo' })
    assert.deepEqual(fromFlatBinding(toFlatBinding(local)).roleRef, local.roleRef)
  })

  it('take lists of names where there are no subjects', () => {
    const given = { ...flat, subjects: [] }
    assert.deepEqual(fromFlatBinding(given).subjects, [
      { kind: 'User', apiGroup, name: 'alice' },
      { kind: 'User', apiGroup, name: 'system:admin' },
      { kind: 'ServiceAccount', namespace: 'other', name: 'default' },
      { kind: 'Group', apiGroup, name: 'devs' },
      { kind: 'Group', apiGroup, name: 'system:serviceaccounts:x' },
    ])
  })

  it('take the lists when only they were changed, the subjects otherwise', () => {
    const lists = fromFlatBinding({ ...flat, userNames: [], groupNames: ['devs'] }, flat)
    assert.deepEqual(lists.subjects, [{ kind: 'Group', apiGroup, name: 'devs' }])
    const both = fromFlatBinding(
      { ...flat, subjects: [{ kind: 'User', name: 'bob' }], userNames: ['x'] },
      flat,
    )
    assert.deepEqual(both.subjects, [{ kind: 'User', apiGroup, name: 'bob' }])
  })

  it('a subject of the binding’s own namespace says so', () => {
    const own = { ...binding, subjects: [{ kind: 'ServiceAccount', name: 'builder' }] }
    assert.deepEqual(toFlatBinding(own).userNames, ['system:serviceaccount:demo:builder'])
  })
})

describe('roles of authorization.openshift.io', () => {
  const role: ClusterRole = {
    metadata: { name: 'r' },
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['a'] },
      { nonResourceURLs: ['/x'], verbs: ['get'] },
    ],
  }

  it('show every list of a rule, and are written back as they were', () => {
    const shown = toFlatRole(role)
    assert.deepEqual(shown.rules?.[1], {
      apiGroups: [],
      resources: [],
      nonResourceURLs: ['/x'],
      verbs: ['get'],
    })
    assert.deepEqual(fromFlatRole(shown), role)
  })

  it('no group is the core group', () => {
    const rules = [{ apiGroups: [], resources: ['pods'], verbs: ['get'] }]
    assert.deepEqual(fromFlatRole({ metadata: {}, rules }).rules, [
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    ])
  })

  it('a rule with a restriction grants nothing', () => {
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], attributeRestrictions: {} }]
    assert.deepEqual(fromFlatRole({ metadata: {}, rules }).rules, [])
  })
})
