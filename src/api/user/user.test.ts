import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createObject, errorTexts, updateObject } from '../common/write-object.ts'
import { groups } from './group.ts'
import { identities } from './identity.ts'
import { users } from './user.ts'

describe('users', () => {
  it('leaves names with a colon to the system, and ~ to the caller', () => {
    const problems = (name: string) => users.hooks.validateName?.(name, false).length
    assert.equal(problems('alice'), 0)
    assert.equal(problems('alice@example.com'), 0)
    assert.equal(problems('system:admin'), 1)
    assert.equal(problems('~'), 1)
    assert.equal(problems('a/b'), 1)
  })

  it('knows its identities by provider and name', () => {
    const texts = (...list: string[]) =>
      errorTexts(createObject(users, { metadata: { name: 'alice' }, identities: list }).errors)
    assert.deepEqual(texts('local:alice'), [])
    assert.deepEqual(texts('alice', ':alice', 'local:'), [
      'identities[0]: Invalid value',
      'identities[1]: Invalid value',
      'identities[2]: Invalid value',
    ])
  })

  it('prints null for what it does not have', () => {
    const { object } = createObject(users, { metadata: { name: 'alice' } })
    assert.equal(object.identities, null)
    assert.equal(object.groups, null)
  })
})

describe('groups', () => {
  it('has members with names', () => {
    const texts = (...list: string[]) =>
      errorTexts(createObject(groups, { metadata: { name: 'g' }, users: list }).errors)
    assert.deepEqual(texts('alice'), [])
    assert.deepEqual(texts('', 'a:b'), ['users[0]: Required value', 'users[1]: Invalid value'])
  })
})

describe('identities', () => {
  const body = { metadata: { name: 'local:alice' }, providerName: 'local', providerUserName: 'alice' }

  it('is named by provider and name there, for good', () => {
    const { object, errors } = createObject(identities, body)
    assert.deepEqual(errors, [])
    const renamed = createObject(identities, { ...body, metadata: { name: 'local:bob' } })
    assert.deepEqual(errorTexts(renamed.errors), ['metadata.name: Invalid value'])
    const moved = updateObject(identities, object, { ...body, providerUserName: 'bob' })
    assert.ok(errorTexts(moved.errors).includes('providerUserName: Invalid value'))
  })
})
