import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configMaps } from '../../src/api/index.ts'
import { objectKey } from '../../src/resources/keys.ts'
import { encodeObject } from '../../src/resources/object-codec.ts'
import { type Lab, openLab } from './open-lab.ts'

const path = '/api/v1/namespaces/demo/configmaps'

async function fill(lab: Lab, count: number): Promise<void> {
  await lab.store.commit(
    Array.from({ length: count }, (_, n) => ({
      key: objectKey(configMaps, 'demo', `c-${n}`),
      value: encodeObject({
        metadata: { name: `c-${n}`, namespace: 'demo' },
        data: { text: 'x'.repeat(2000) },
      } as never),
      expect: 'absent' as const,
    })),
  )
}

describe('who asks for too much', () => {
  it('hears when to come again, and others are not held up', async () => {
    await using lab = await openLab({ config: 'fairness: {runningOfSubject: 1, waitingOfSubject: 2}\n' })
    await lab.project('demo')
    const ask = (as: string) => lab.call('GET', '/api/v1/namespaces/demo', { as })
    const many = Array.from({ length: 10 }, () => ask('alice'))
    const other = await ask('root')
    assert.equal(other.status, 200)
    const answers = await Promise.all(many)
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [200, 200, 200, 429, 429, 429, 429, 429, 429, 429])
    const refused = answers.find(({ status }) => status === 429)
    assert(refused !== undefined)
    assert.equal(refused.headers['retry-after'], '1')
    const { kind, reason, code, details } = refused.json()
    assert.deepEqual(
      { kind, reason, code, details },
      { kind: 'Status', reason: 'TooManyRequests', code: 429, details: { retryAfterSeconds: 1 } },
    )
  })

  it('may be held to a rate', async () => {
    await using lab = await openLab({ config: 'fairness: {requestsPerSecond: 2}\n' })
    await lab.project('demo')
    const statuses: number[] = []
    for (let n = 0; n < 12; n++) statuses.push((await lab.call('GET', path)).status)
    assert.equal(statuses[0], 200)
    assert(statuses.includes(429))
    assert.equal((await lab.call('GET', path, { as: 'root' })).status, 200)
    assert.equal((await lab.call('GET', '/readyz')).status, 200, 'health is asked for without a line')
  })

  it('of watches does not lose the right to ask', async () => {
    await using lab = await openLab({ config: 'fairness: {watchesOfSubject: 1, runningOfSubject: 1}\n' })
    await lab.project('demo')
    const first = lab.call('GET', `${path}?watch=1&timeoutSeconds=1`)
    await new Promise((resolve) => setImmediate(resolve))
    const second = await lab.call('GET', `${path}?watch=1&timeoutSeconds=1`)
    assert.equal(second.status, 429)
    assert.equal((await lab.call('GET', path)).status, 200)
    assert.equal((await first).status, 200)
  })

  it('of build logs hears it, too, until one of them has ended', async () => {
    const fairness = 'fairness: {watchesOfSubject: 1}'
    await using lab = await openLab({ config: `${fairness}\nbuilds: {builder: 'off'}\n` })
    await lab.project('demo')
    const builds = '/apis/build.openshift.io/v1/namespaces/demo'
    const spec = { source: { dockerfile: 'FROM scratch' }, strategy: { dockerStrategy: {} }, output: {} }
    await lab.call('POST', `${builds}/buildconfigs`, { body: { metadata: { name: 'app' }, spec } })
    const asked = { kind: 'BuildRequest', apiVersion: 'build.openshift.io/v1', metadata: { name: 'app' } }
    const started = await lab.call('POST', `${builds}/buildconfigs/app/instantiate`, { body: asked })
    assert.equal(started.status, 201, started.text)
    // It waits for a builder.
    const first = lab.call('GET', `${builds}/builds/app-1/log?follow=true`)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal((await lab.call('GET', `${builds}/builds/app-1/log`)).status, 429)
    assert.equal((await lab.call('GET', `${builds}/builds/app-1`)).status, 200)
    await lab.call('DELETE', `${builds}/builds/app-1`)
    await first
    assert.equal((await lab.call('GET', `${builds}/builds/app-1/log`)).status, 404)
  })
})

describe('a client that lists everything in a loop', () => {
  it('does not keep another from writing: the write is over long before the list', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    await fill(lab, 4000)
    const order: string[] = []
    const list = async (n: number) => {
      const { status, bytes } = await lab.call('GET', path)
      assert.equal(status, 200)
      assert(bytes.length > 8_000_000)
      order.push(`list ${n}`)
    }
    const write = async (n: number) => {
      const body = { metadata: { name: `new-${n}` } }
      const { status, text } = await lab.call('POST', path, { as: 'root', body })
      assert.equal(status, 201, text)
      order.push('write')
    }
    const lists = Promise.all([list(1), list(2), list(3)])
    for (let n = 0; n < 5; n++) await write(n)
    await lists
    assert.deepEqual(order.slice(0, 5), Array(5).fill('write'))
  })
})
