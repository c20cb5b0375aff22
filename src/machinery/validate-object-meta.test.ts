import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FieldError, formatFieldErrors } from './errors.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './validate-object-meta.ts'

const namespaced = { namespaced: true }
const text = (errors: FieldError[]) => errors.map((error) => formatFieldErrors([error]))

describe('validateObjectMeta', () => {
  it('accepts what is right', () => {
    const meta = { name: 'a', namespace: 'n', labels: { 'k8s.io/a': 'B' }, annotations: { 'X.io/y': '!' } }
    assert.deepEqual(validateObjectMeta(meta, namespaced), [])
    assert.deepEqual(validateObjectMeta({ name: 'a' }, { namespaced: false }), [])
  })

  it('asks for names and namespaces where they belong', () => {
    assert.deepEqual(text(validateObjectMeta({ namespace: 'n' }, namespaced)), [
      'metadata.name: Required value: name or generateName is required',
    ])
    assert.deepEqual(text(validateObjectMeta({ name: 'a' }, namespaced)), [
      'metadata.namespace: Required value',
    ])
    assert.deepEqual(text(validateObjectMeta({ name: 'a', namespace: 'n' }, { namespaced: false })), [
      'metadata.namespace: Forbidden: not allowed on this type',
    ])
  })

  it("applies the kind's rule to names and prefixes", () => {
    const nameRule = (name: string, isPrefix: boolean) => [`${name} ${isPrefix}`]
    assert.deepEqual(
      text(
        validateObjectMeta(
          { name: 'gen-x', generateName: 'gen-', namespace: 'n' },
          { namespaced: true, nameRule },
        ),
      ),
      [
        'metadata.generateName: Invalid value: "gen-": gen- true',
        'metadata.name: Invalid value: "gen-x": gen-x false',
      ],
    )
  })

  it('checks labels, annotations, owners and finalizers', () => {
    const owner = { apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u', controller: true }
    const errors = validateObjectMeta(
      {
        name: 'a',
        namespace: 'n',
        labels: { a: 'b c' },
        annotations: { big: 'x'.repeat(262144) },
        ownerReferences: [owner, { ...owner, name: '' }],
        finalizers: ['x', 'x'],
      },
      namespaced,
    )
    assert.deepEqual(
      errors.map(({ type, field }) => `${field}: ${type}`),
      [
        'metadata.labels: Invalid value',
        'metadata.annotations: Too long',
        'metadata.ownerReferences[1].name: Invalid value',
        'metadata.ownerReferences: Invalid value',
        'metadata.finalizers[1]: Duplicate value',
      ],
    )
    assert.equal(text(errors)[1], 'metadata.annotations: Too long: may not be more than 262144 bytes')
  })
})

describe('validateObjectMetaUpdate', () => {
  const old = {
    name: 'a',
    namespace: 'n',
    uid: 'u',
    generation: 2,
    creationTimestamp: '2024-01-01T00:00:00Z',
  }

  it('keeps what identifies an object', () => {
    assert.deepEqual(validateObjectMetaUpdate(old, old), [])
    assert.deepEqual(text(validateObjectMetaUpdate({ ...old, name: 'b', uid: 'v' }, old)), [
      'metadata.name: Invalid value: "b": field is immutable',
      'metadata.uid: Invalid value: "v": field is immutable',
    ])
    assert.deepEqual(text(validateObjectMetaUpdate({ ...old, generation: 1 }, old)), [
      'metadata.generation: Invalid value: 1: must not be decremented',
    ])
  })

  it('takes no new finalizer while the object is being deleted', () => {
    const going = { ...old, deletionTimestamp: '2024-01-02T00:00:00Z', finalizers: ['a'] }
    assert.deepEqual(text(validateObjectMetaUpdate({ ...going, finalizers: ['a', 'b'] }, going)), [
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"b"}',
    ])
    assert.deepEqual(validateObjectMetaUpdate({ ...going, finalizers: [] }, going), [])
  })
})
