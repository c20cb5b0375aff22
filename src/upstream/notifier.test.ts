import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AddressPolicy, defaultAddressPolicy } from './addresses.ts'
import { createNotifier, type NotifierSettings } from './notifier.ts'
import { send, startServer } from './testing/hostile-server.ts'

const policy = (innermost: AddressPolicy['innermost'], more: Partial<AddressPolicy> = {}) => ({
  ...defaultAddressPolicy,
  innermost,
  ...more,
})
const open = (more: Partial<NotifierSettings> = {}) =>
  createNotifier({ addresses: policy('loopback'), extraCAs: [], allowHttp: true, ...more })
const letter = (url: string) => ({
  url,
  headers: { 'content-type': 'text/plain' },
  body: 'hello',
  signal: new AbortController().signal,
})
const refused = { kind: 'failed', why: 'the target stands where notices may not go', isPermanent: true }

describe('notifier', () => {
  it('posts, and tells the status alone', async () => {
    await using target = await startServer((_request, response) =>
      send(response, 503, 'secret of the inside', { 'retry-after': '7' }),
    )
    await using notifier = open()
    const result = await notifier.post(letter(`http://${target.host}/hook?a=b`))
    assert.deepEqual(result, { kind: 'answered', status: 503, retryAfterSeconds: 7 })
    const [seen] = target.seen
    assert.equal(seen?.method, 'POST')
    assert.equal(seen?.url, '/hook?a=b')
    assert.equal(seen?.body, 'hello')
  })

  it('is done with an answer that never ends', async () => {
    await using target = await startServer((_request, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'.repeat(30_000)), 1)
      response.on('close', () => clearInterval(timer))
    })
    await using notifier = open()
    const result = await notifier.post(letter(`http://${target.host}/`))
    assert.deepEqual(result, { kind: 'answered', status: 200 })
  })

  it('tells nothing of why a target cannot be reached', async () => {
    await using notifier = open()
    const result = await notifier.post(letter('http://127.0.0.1:1/'))
    assert.deepEqual(result, { kind: 'failed', why: 'the target cannot be reached', isPermanent: false })
  })

  it('insists on https unless told otherwise', async () => {
    await using target = await startServer((_request, response) => send(response, 200, ''))
    await using notifier = open({ allowHttp: false })
    const result = await notifier.post(letter(`http://${target.host}/`))
    assert.equal(result.kind, 'failed')
    assert.equal(target.seen.length, 0)
  })
})

describe('threat 3: webhooks to where they may not go', () => {
  it('sends nothing inside, however the address is written', async () => {
    await using target = await startServer((_request, response) => send(response, 200, ''))
    const port = target.host.split(':')[1]
    await using notifier = open({ addresses: policy('public') })
    const hosts = [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[64:ff9b::7f00:1]',
      'localhost',
      '10.0.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '[fd00:ec2::254]',
      '100.100.100.200',
      '0.0.0.0',
    ]
    for (const host of hosts) {
      assert.deepEqual(await notifier.post(letter(`http://${host}:${port}/`)), refused, host)
    }
    assert.equal(target.seen.length, 0)
  })

  it('checks the address at each connection, not the name once', async () => {
    await using target = await startServer(
      (_request, response) => send(response, 200, '', { connection: 'close' }),
      { address: '127.0.0.2' },
    )
    const answers = ['127.0.0.2', '127.0.0.1', '169.254.169.254']
    await using notifier = open({
      addresses: policy('public', { allowed: ['127.0.0.2/32'] }),
      lookup: (_name, _options, callback) => callback(null, [{ address: answers.shift() ?? '', family: 4 }]),
    })
    const post = () => notifier.post(letter(`http://hooks.example.com:${target.host.split(':')[1]}/`))
    assert.deepEqual(await post(), { kind: 'answered', status: 200 })
    assert.deepEqual(await post(), refused)
    assert.deepEqual(await post(), refused)
    assert.equal(target.seen.length, 1)
  })

  it('follows no redirect', async () => {
    await using inside = await startServer((_request, response) => send(response, 200, ''))
    await using target = await startServer((request, response) =>
      send(response, request.url === '/307' ? 307 : 302, '', { location: `http://${inside.host}/` }),
    )
    await using notifier = open()
    for (const [path, status] of [
      ['/302', 302],
      ['/307', 307],
    ] as const) {
      const result = await notifier.post(letter(`http://${target.host}${path}`))
      assert.deepEqual(result, { kind: 'answered', status })
    }
    assert.equal(inside.seen.length, 0)
  })
})
