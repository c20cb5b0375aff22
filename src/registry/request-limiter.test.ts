import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { openRegistryLab } from './registry-lab.ts'
import { createRequestLimiter } from './request-limiter.ts'

describe('request limiter (B-9)', () => {
  it('without a bound lets everyone in', async () => {
    const limiter = createRequestLimiter({ maxRunning: 0, maxInQueue: 0, maxWaitInQueue: 0 })
    for (let n = 0; n < 100; n++) assert.ok(await limiter.enter())
  })

  it('lets the queue in by turn, refuses beyond it, and takes each place back once', async () => {
    const limiter = createRequestLimiter({ maxRunning: 1, maxInQueue: 2, maxWaitInQueue: 0 })
    const leave = await limiter.enter()
    const order: number[] = []
    const waiting = [1, 2].map(async (n) => {
      const done = await limiter.enter()
      order.push(n)
      return done
    })
    assert.equal(await limiter.enter(), undefined)
    leave?.()
    leave?.()
    const second = await waiting[0]
    assert.deepEqual(order, [1])
    second?.()
    const third = await waiting[1]
    assert.deepEqual(order, [1, 2])
    third?.()
    const again = await limiter.enter()
    assert.ok(again)
  })

  it('ends a wait that takes too long', async () => {
    const limiter = createRequestLimiter({ maxRunning: 1, maxInQueue: 1, maxWaitInQueue: 5 })
    const leave = await limiter.enter()
    assert.equal(await limiter.enter(), undefined)
    leave?.()
    assert.ok(await limiter.enter())
  })

  it('over the limit is 429 in plain text with Retry-After; reads and writes are counted apart', async () => {
    const none = { maxRunning: 0, maxInQueue: 0, maxWaitInQueue: 0 }
    const one = { maxRunning: 1, maxInQueue: 0, maxWaitInQueue: 0 }
    await using lab = await openRegistryLab({ config: { requests: { read: none, write: one } } })
    const started = await lab.request('POST', '/v2/demo/app/blobs/uploads/')
    const location = started.headers.get('location') ?? ''
    const sending = httpRequest(location, {
      method: 'PATCH',
      headers: { authorization: 'Bearer alice-token', 'content-length': '2' },
    })
    const answered = once(sending, 'response')
    sending.write('x')
    let seen = await lab.request('POST', '/v2/demo/app/blobs/uploads/')
    for (let tries = 0; tries < 50 && seen.status !== 429; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      seen = await lab.request('POST', '/v2/demo/app/blobs/uploads/')
    }
    assert.equal(seen.status, 429)
    assert.equal(seen.text, 'Too many requests, please try again later.\n')
    assert.equal(seen.headers.get('retry-after'), '1')
    assert.equal((await lab.request('GET', '/v2/')).status, 200)
    sending.end('y')
    const [response] = (await answered) as [IncomingMessage]
    assert.equal(response.statusCode, 202)
    response.resume()
    await once(response, 'close')
    assert.equal((await lab.request('POST', '/v2/demo/app/blobs/uploads/')).status, 202)
  })
})
