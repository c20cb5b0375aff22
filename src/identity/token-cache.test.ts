import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Subject } from '../access/access.ts'
import type { TokenSource } from './authenticator.ts'
import { cacheTokens } from './token-cache.ts'

const alice: Subject = { name: 'alice', groups: [] }

function openCache() {
  const state = { revision: 1, time: 0, looked: 0, owner: alice as Subject | 'bad' | undefined }
  const source: TokenSource = {
    async authenticateToken(token) {
      state.looked++
      return token === 'good' ? state.owner : undefined
    },
  }
  const cache = cacheTokens([source], { revision: () => state.revision, now: () => new Date(state.time) })
  return { state, ask: (token = 'good', audiences?: string[]) => cache.authenticateToken(token, audiences) }
}

describe('cacheTokens()', () => {
  it('looks once as long as nothing is written', async () => {
    const { state, ask } = openCache()
    for (let n = 0; n < 5; n++) assert.equal(await ask(), alice)
    assert.equal(state.looked, 1)
  })

  it('looks again at once after any write, and after a second', async () => {
    const { state, ask } = openCache()
    await ask()
    state.owner = 'bad'
    state.revision++
    assert.equal(await ask(), 'bad')
    state.owner = alice
    assert.equal(await ask(), alice)
    state.time = 999
    state.owner = undefined
    assert.equal(await ask(), alice)
    state.time = 1000
    assert.equal(await ask(), undefined)
  })

  it('looks again when the clock is set back', async () => {
    const { state, ask } = openCache()
    state.time = 5000
    await ask()
    state.time = 4000
    await ask()
    assert.equal(state.looked, 2)
  })

  it('remembers no token that is no good, and nothing about audiences', async () => {
    const { state, ask } = openCache()
    for (let n = 0; n < 3; n++) assert.equal(await ask('worse'), undefined)
    assert.equal(state.looked, 3)
    for (let n = 0; n < 3; n++) assert.equal(await ask('good', ['a']), alice)
    assert.equal(state.looked, 6)
  })

  it('does not take for seen what was written while it looked', async () => {
    const { state } = openCache()
    const { promise, resolve } = Promise.withResolvers<void>()
    const slow: TokenSource = {
      async authenticateToken() {
        const seen = state.owner
        await promise
        return seen
      },
    }
    const cache = cacheTokens([slow], { revision: () => state.revision, now: () => new Date(0) })
    const first = cache.authenticateToken('good')
    state.owner = 'bad'
    state.revision++
    resolve()
    assert.equal(await first, alice)
    assert.equal(await cache.authenticateToken('good'), 'bad')
  })
})
