import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createKeyLock } from './key-lock.ts'

describe('key lock', () => {
  it('runs work of one key in order, and of two keys side by side', async () => {
    const lock = createKeyLock()
    const log: string[] = []
    const gate = Promise.withResolvers<void>()
    const first = lock.run('a', async () => {
      log.push('a1')
      await gate.promise
      log.push('a1 end')
    })
    const second = lock.run('a', async () => void log.push('a2'))
    await lock.run('b', async () => void log.push('b'))
    assert.deepEqual(log, ['a1', 'b'])
    gate.resolve()
    await Promise.all([first, second])
    assert.deepEqual(log, ['a1', 'b', 'a1 end', 'a2'])
  })

  it('goes on after a failure, which only its own caller sees', async () => {
    const lock = createKeyLock()
    const failing = lock.run('a', () => Promise.reject(new Error('no')))
    const next = lock.run('a', async () => 'yes')
    await assert.rejects(failing, /no/)
    assert.equal(await next, 'yes')
  })
})
