import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { defaultAddressPolicy } from '../upstream/index.ts'
import { openGuardedProxy } from './guarded-proxy.ts'

async function openSite(t: TestContext) {
  const seen: string[] = []
  const server = createServer((incoming, answer) => {
    seen.push(`${incoming.headers.host}${incoming.url} ${incoming.headers['proxy-authorization'] ?? ''}`)
    answer.end('here')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { port: (server.address() as AddressInfo).port, seen }
}

/** One request in absolute form; status and body. */
async function fetchBy(proxy: string, url: string): Promise<string> {
  const { hostname, port, username, password } = new URL(proxy)
  const headers = {
    'proxy-authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
  }
  const outgoing = request({ host: hostname, port, path: url, headers, agent: false }).end()
  const [answer] = await once(outgoing, 'response')
  let text = ''
  for await (const piece of answer) text += piece
  return `${answer.statusCode} ${text}`
}

/** First line of the answer to CONNECT. */
async function connectBy(proxy: string, target: string): Promise<string> {
  const { hostname, port, username, password } = new URL(proxy)
  const socket = connect(Number(port), hostname)
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: Basic ${auth}\r\n\r\n`)
  const [data] = await once(socket, 'data')
  socket.destroy()
  return String(data).split('\r\n')[0] ?? ''
}

describe('threat 3: what fetches sources and images', () => {
  const policy = { ...defaultAddressPolicy, innermost: 'private' as const, allowed: [] }

  it('reaches no address that the policy leaves out, whatever name leads there', async (t) => {
    const { port, seen } = await openSite(t)
    const answers = ['93.184.216.34', '127.0.0.1']
    await using proxy = await openGuardedProxy({
      policy,
      own: new Set(),
      // The second answer is another one than the first: DNS rebinding.
      resolve: async (host) => [
        host === 'rebound.test' ? (answers.pop() ?? '') : host === 'near.test' ? '127.0.0.1' : host,
      ],
    })
    for (const host of [
      '127.0.0.1',
      'near.test',
      'rebound.test',
      '169.254.169.254',
      '[::1]',
      '[::ffff:127.0.0.1]',
    ]) {
      assert.equal(await fetchBy(proxy.url, `http://${host}:${port}/x`), '403 ', host)
    }
    assert.equal(await connectBy(proxy.url, `127.0.0.1:${port}`), 'HTTP/1.1 403 Forbidden')
    assert.equal(await connectBy(proxy.url, 'no-port'), 'HTTP/1.1 403 Forbidden')
    assert.deepEqual(seen, [])
  })

  it('reaches our own registry, and what is allowed', async (t) => {
    const { port, seen } = await openSite(t)
    await using proxy = await openGuardedProxy({ policy, own: new Set([`127.0.0.1:${port}`]) })
    assert.equal(await fetchBy(proxy.url, `http://127.0.0.1:${port}/x?y`), '200 here')
    assert.equal(await connectBy(proxy.url, `127.0.0.1:${port}`), 'HTTP/1.1 200 Connection Established')
    assert.deepEqual(seen, [`127.0.0.1:${port}/x?y `])
  })

  it('must know the password', async (t) => {
    const { port, seen } = await openSite(t)
    await using proxy = await openGuardedProxy({ policy, own: new Set([`127.0.0.1:${port}`]) })
    const wrong = proxy.url.replace(/weir:[^@]+@/, 'weir:wrong@')
    assert.match(await fetchBy(wrong, `http://127.0.0.1:${port}/x`), /^407/)
    assert.match(await connectBy(wrong, `127.0.0.1:${port}`), /407/)
    assert.deepEqual(seen, [])
  })
})
