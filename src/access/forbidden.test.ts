import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Action, ResourceAction, Subject } from './access.ts'
import { anonymous } from './access.ts'
import { forbiddenError, forbiddenMessage } from './forbidden.ts'

const dev: Subject = { name: 'dev', groups: [] }
const base: ResourceAction = {
  kind: 'resource',
  verb: 'get',
  group: 'image.openshift.io',
  resource: 'imagestreams',
  subresource: '',
  namespace: 'p',
  name: 'app',
}

describe('forbiddenMessage() (auth.md §11)', () => {
  const table: [title: string, subject: Subject, action: Action, message: string][] = [
    [
      'named, namespaced',
      dev,
      base,
      'imagestreams.image.openshift.io "app" is forbidden: User "dev" cannot get resource "imagestreams" in API group "image.openshift.io" in the namespace "p"',
    ],
    [
      'no name',
      anonymous,
      { ...base, verb: 'list', name: '' },
      'imagestreams.image.openshift.io is forbidden: User "system:anonymous" cannot list resource "imagestreams" in API group "image.openshift.io" in the namespace "p"',
    ],
    [
      'subresource',
      dev,
      { ...base, subresource: 'layers' },
      'imagestreams.image.openshift.io "app" is forbidden: User "dev" cannot get resource "imagestreams/layers" in API group "image.openshift.io" in the namespace "p"',
    ],
    [
      'cluster-scoped',
      dev,
      { ...base, verb: 'list', resource: 'images', namespace: '', name: '' },
      'images.image.openshift.io is forbidden: User "dev" cannot list resource "images" in API group "image.openshift.io" at the cluster scope',
    ],
    [
      'core group',
      dev,
      { ...base, group: '', resource: 'pods', name: 'x' },
      'pods "x" is forbidden: User "dev" cannot get resource "pods" in API group "" in the namespace "p"',
    ],
    ['path', dev, { kind: 'path', verb: 'get', path: '/x' }, 'forbidden: User "dev" cannot get path "/x"'],
    [
      'escaped',
      { name: '<b>&', groups: [] },
      { kind: 'path', verb: 'get', path: '/<x>' },
      'forbidden: User "&lt;b&gt;&amp;" cannot get path "/&lt;x&gt;"',
    ],
  ]
  for (const [title, subject, action, message] of table) {
    it(title, () => assert.equal(forbiddenMessage(subject, action), message))
  }

  it('ends in the reason when the decision has one', () => {
    assert.equal(
      forbiddenMessage(dev, { kind: 'path', verb: 'get', path: '/x' }, 'because'),
      'forbidden: User "dev" cannot get path "/x": because',
    )
  })

  it('keeps line breaks and quotes in a name from changing the text', () => {
    assert.equal(
      forbiddenMessage({ name: 'a"\n', groups: [] }, { kind: 'path', verb: 'get', path: '/x' }),
      'forbidden: User "a\\"\\n" cannot get path "/x"',
    )
  })
})

describe('forbiddenError()', () => {
  it('carries details', () => {
    assert.deepEqual(forbiddenError(dev, { ...base, subresource: 'layers' }).toStatus().details, {
      name: 'app',
      group: 'image.openshift.io',
      kind: 'imagestreams',
    })
    const { reason, code, details } = forbiddenError(dev, { kind: 'path', verb: 'get', path: '/' }).toStatus()
    assert.deepEqual({ reason, code, details }, { reason: 'Forbidden', code: 403, details: {} })
  })
})
