import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createObject, updateObject, updateStatus } from '../common/write-object.ts'
import { namespaces } from './namespace.ts'

describe('namespaces', () => {
  const { object } = createObject(namespaces, {
    metadata: { name: 'demo' },
    status: { phase: 'Terminating' },
  })

  it('starts active, with the finalizer of its content and its name as a label', () => {
    assert.deepEqual(object.status, { phase: 'Active' })
    assert.deepEqual(object.spec, { finalizers: ['kubernetes'] })
    assert.deepEqual(object.metadata, { name: 'demo', labels: { 'kubernetes.io/metadata.name': 'demo' } })
  })

  it('keeps finalizers and status through an update', () => {
    const updated = updateObject(namespaces, object, { metadata: { name: 'demo' }, spec: {}, status: {} })
    assert.deepEqual(updated.object, object)
  })

  it('changes its status through the subresource alone', () => {
    const body = { metadata: { name: 'demo', labels: {} }, spec: {}, status: { phase: 'Terminating' } }
    const { object: next } = updateStatus(namespaces, object, body)
    assert.deepEqual(next.status, { phase: 'Terminating' })
    assert.deepEqual(next.spec, object.spec)
    assert.deepEqual(next.metadata.labels, object.metadata.labels)
  })

  it('has a DNS label for a name', () => {
    assert.deepEqual(namespaces.hooks.validateName?.('a-1', false), [])
    assert.equal(namespaces.hooks.validateName?.('a.b', false).length, 1)
  })
})
