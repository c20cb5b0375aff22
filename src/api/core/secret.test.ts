import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellsOf, createObject, errorTexts, updateObject } from '../common/write-object.ts'
import { secrets } from './secret.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const create = (body: object) => createObject(secrets, { metadata: { name: 's' }, ...body })

describe('secrets', () => {
  it('writes stringData into data, over what is there, and never keeps it', () => {
    const { object, errors } = create({ data: { a: base64('1'), b: base64('2') }, stringData: { b: 'ü' } })
    assert.deepEqual(errors, [])
    assert.deepEqual(object.data, { a: base64('1'), b: base64('ü') })
    assert.equal(object.stringData, undefined)
    assert.equal(object.type, 'Opaque')
  })

  for (const [type, key] of [
    ['kubernetes.io/dockercfg', '.dockercfg'],
    ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ] as const) {
    it(`demands a JSON object at ${key} of ${type}`, () => {
      assert.deepEqual(errorTexts(create({ type }).errors), [`data[${key}]: Required value`])
      const texts = ['not JSON', '[1]', '"x"', 'null']
      for (const text of texts) {
        const { errors } = create({ type, data: { [key]: base64(text) } })
        assert.deepEqual(errorTexts(errors), [`data[${key}]: Invalid value`])
        assert.ok(!JSON.stringify(errors).includes(base64(text)), 'an error repeats the secret')
      }
      assert.deepEqual(create({ type, data: { [key]: base64('{}') } }).errors, [])
    })
  }

  it('demands what the other known types need', () => {
    const errors = (type: string) => errorTexts(create({ type: `kubernetes.io/${type}` }).errors)
    assert.deepEqual(errors('tls'), ['data[tls.crt]: Required value', 'data[tls.key]: Required value'])
    assert.deepEqual(errors('ssh-auth'), ['data[ssh-privatekey]: Required value'])
    assert.deepEqual(errors('basic-auth'), [
      'data[username]: Required value',
      'data[password]: Required value',
    ])
    assert.deepEqual(errors('service-account-token'), [
      'metadata.annotations[kubernetes.io/service-account.name]: Required value',
    ])
    assert.deepEqual(errors('anything-else'), [])
  })

  it('refuses keys that are no file names', () => {
    for (const key of ['a b', '..', '.', '..a', 'a/b', 'x'.repeat(254)]) {
      assert.deepEqual(errorTexts(create({ data: { [key]: '' } }).errors), [`data[${key}]: Invalid value`])
    }
    assert.deepEqual(create({ data: { '.dockercfg': '', 'a-B_1.c': '' } }).errors, [])
  })

  it('refuses more than a mebibyte', () => {
    const half = Buffer.alloc(512 * 1024).toString('base64')
    assert.deepEqual(create({ data: { a: half, b: half } }).errors, [])
    assert.deepEqual(errorTexts(create({ data: { a: half, b: half, c: base64('x') } }).errors), [
      'data: Too long',
    ])
  })

  it('keeps its type, and its data once it is immutable', () => {
    const old = create({ data: { a: base64('1') }, immutable: true }).object
    assert.deepEqual(errorTexts(updateObject(secrets, old, { ...old, type: 'other' }).errors), [
      'type: Invalid value',
    ])
    const changed = updateObject(secrets, old, { ...old, immutable: false, data: {} })
    assert.deepEqual(errorTexts(changed.errors), ['immutable: Forbidden', 'data: Forbidden'])
    assert.deepEqual(
      updateObject(secrets, old, { ...old, metadata: { name: 's', labels: { a: 'b' } } }).errors,
      [],
    )
  })

  it('tells type and count of entries in its table, and can be selected by type', () => {
    const { object } = create({ type: 't', data: { a: '', b: '' } })
    const withTime = {
      ...object,
      metadata: { ...object.metadata, creationTimestamp: '2026-01-02T02:59:05Z' },
    }
    assert.deepEqual(cellsOf(secrets, withTime), { Name: 's', Type: 't', Data: 2, Age: '5m' })
    assert.equal(secrets.fieldSelectors.type?.(object), 't')
  })
})
