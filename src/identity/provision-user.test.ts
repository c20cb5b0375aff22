import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { identities, users } from '../api/user/index.ts'
import { ProvisionError, provisionUser } from './provision-user.ts'
import { createTestClient } from './test-client.ts'

const alice = { providerUserName: 'sub-1', preferredUserName: 'alice', fullName: 'Alice L.' }

describe('provisionUser()', () => {
  it('makes user and identity that name each other, then finds them', async () => {
    const client = createTestClient()
    const user = await provisionUser({ client }, 'oidc', alice)
    assert.equal(user.fullName, 'Alice L.')
    assert.deepEqual(user.identities, ['oidc:sub-1'])
    const identity = await client.get(identities, '', 'oidc:sub-1')
    assert.deepEqual(identity.user, { name: 'alice', uid: user.metadata.uid })
    const again = await provisionUser({ client }, 'oidc', { ...alice, preferredUserName: 'renamed' })
    assert.equal(again.metadata.uid, user.metadata.uid)
  })

  it('makes one of each when first logins meet', async () => {
    const client = createTestClient()
    const made = await Promise.all([1, 2, 3, 4].map(() => provisionUser({ client }, 'oidc', alice)))
    assert.equal(new Set(made.map(({ metadata }) => metadata.uid)).size, 1)
    assert.equal((await client.list(users, '')).items.length, 1)
  })

  it('claims a user that was made beforehand and has no identity', async () => {
    const client = createTestClient()
    const made = await client.create(users, '', {
      metadata: { name: 'alice' },
      groups: null,
      identities: null,
    })
    const user = await provisionUser({ client }, 'oidc', alice)
    assert.equal(user.metadata.uid, made.metadata.uid)
    assert.deepEqual(user.identities, ['oidc:sub-1'])
  })

  it('never hands a user to another identity', async () => {
    const client = createTestClient()
    await provisionUser({ client }, 'local', { providerUserName: 'alice', preferredUserName: 'alice' })
    await assert.rejects(provisionUser({ client }, 'oidc', alice), ProvisionError)
    const other = { providerUserName: 'sub-2', preferredUserName: 'alice' }
    await assert.rejects(provisionUser({ client }, 'local', other), ProvisionError)
  })

  it('refuses an identity whose user is gone or another', async () => {
    const client = createTestClient()
    await provisionUser({ client }, 'oidc', alice)
    await client.delete(users, '', 'alice')
    await assert.rejects(provisionUser({ client }, 'oidc', alice), ProvisionError)
    await client.create(users, '', { metadata: { name: 'alice' }, groups: null, identities: ['oidc:sub-1'] })
    await assert.rejects(provisionUser({ client }, 'oidc', alice), ProvisionError)
  })

  it('refuses names that would mean the system or a path', async () => {
    const client = createTestClient()
    const names = [
      'system:admin',
      'system:serviceaccount:a:b',
      '~',
      '.',
      '..',
      'a/b',
      'a%2fb',
      '',
      'a b',
      'a\n',
    ]
    for (const preferredUserName of names) {
      await assert.rejects(
        provisionUser({ client }, 'oidc', { providerUserName: 's', preferredUserName }),
        ProvisionError,
        preferredUserName,
      )
    }
    assert.equal(client.dump(), '[]')
  })

  it('gives a reserved name to its one provider only', async () => {
    const client = createTestClient()
    const deps = { client, reserved: { admin: 'weir' } }
    const admin = { providerUserName: 'admin', preferredUserName: 'admin' }
    await assert.rejects(provisionUser(deps, 'oidc', admin), ProvisionError)
    await assert.rejects(provisionUser(deps, 'oidc', { ...admin, providerUserName: 'sub-9' }), ProvisionError)
    assert.equal((await provisionUser(deps, 'weir', admin)).metadata.name, 'admin')
    assert.equal((await provisionUser(deps, 'oidc', alice)).metadata.name, 'alice')
  })

  it('writes a provider’s odd name in base64', async () => {
    const client = createTestClient()
    await provisionUser({ client }, 'oidc', { providerUserName: 'a/b:c', preferredUserName: 'alice' })
    const [identity] = (await client.list(identities, '')).items
    assert.equal(identity?.metadata.name, `oidc:b64.${Buffer.from('a/b:c').toString('base64url')}`)
  })
})
