import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, type IncomingMessage, request as plainRequest } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import { request as secureRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { apiClosed, registryClosed } from './closed-answers.ts'
import { createApiDoorServer, createRegistryDoorServer, openFrontDoor } from './front-door.ts'
import { openPki } from './pki.ts'
import { StartError } from './start-error.ts'

const anyPort = { host: '127.0.0.1', port: 0 }

function openRegistryDoor(port = 0) {
  const server = createRegistryDoorServer(undefined)
  const address = { ...anyPort, port }
  return openFrontDoor({ address, flag: '--registry-listen', server, closed: registryClosed })
}

/** An HTTPS door that speaks HTTP/2, and the CA to trust. */
async function openApiDoor() {
  const dir = await mkdtemp(join(tmpdir(), 'weir-door-'))
  try {
    const { caCert, cert, key } = await openPki(dir, [], new Date())
    const server = createApiDoorServer({ cert, key })
    return {
      ca: caCert,
      door: await openFrontDoor({ address: anyPort, flag: '--listen', server, closed: apiClosed }),
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function read(response: IncomingMessage) {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }
}

async function get(port: number, agent?: Agent) {
  const sent = plainRequest({
    host: '127.0.0.1',
    port,
    path: '/v2/',
    ...(agent ? { agent } : { agent: false }),
  }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return read(response)
}

async function getOverHttp2(session: ClientHttp2Session) {
  const stream = session.request({ ':path': '/version' })
  const [headers] = await once(stream, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return {
    status: headers[':status'],
    retryAfter: headers['retry-after'],
    body: Buffer.concat(chunks).toString(),
  }
}

describe('openFrontDoor()', () => {
  it('answers 503 with Retry-After before it is opened, and the handler afterwards', async () => {
    await using door = await openRegistryDoor()
    const { port } = door.address
    const early = await get(port)
    assert.equal(early.status, 503)
    assert.equal(early.headers['retry-after'], '1')
    assert.deepEqual(JSON.parse(early.body), {
      errors: [{ code: 'UNAVAILABLE', message: 'service unavailable', detail: 'the registry is starting' }],
    })
    door.serverFactory((_request, response) => response.end('served'))
    assert.equal((await get(port)).status, 503, 'a handler alone opens nothing')
    door.open()
    assert.deepEqual((await get(port)).body, 'served')
  })

  it('speaks HTTP/2 and HTTP/1.1 on one address, a Status in either before it is opened', async () => {
    const { door, ca } = await openApiDoor()
    await using _door = door
    const { port } = door.address
    const session = connect(`https://127.0.0.1:${port}`, { ca })
    const early = await getOverHttp2(session)
    assert.deepEqual([early.status, early.retryAfter], [503, '1'])
    const { kind, reason, code, details } = JSON.parse(early.body)
    assert.deepEqual(
      [kind, reason, code, details],
      ['Status', 'ServiceUnavailable', 503, { retryAfterSeconds: 1 }],
    )
    door.serverFactory((request, response) => response.end(request.httpVersion))
    door.open()
    assert.equal((await getOverHttp2(session)).body, '2.0')
    const sent = secureRequest({ host: '127.0.0.1', port, ca, agent: false }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    assert.equal((await read(response)).body, '1.1')
    session.close()
  })

  it('lets requests under way end when it closes; idle connections do not hold it up', async () => {
    const door = await openRegistryDoor()
    const { port } = door.address
    const started = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    door.serverFactory(async (request, response) => {
      if (request.url === '/slow') {
        started.resolve()
        await finish.promise
      }
      response.end('whole')
    })
    door.open()
    const agent = new Agent({ keepAlive: true })
    assert.equal((await get(port, agent)).body, 'whole')
    const slow = plainRequest({ host: '127.0.0.1', port, path: '/slow', agent: false }).end()
    await started.promise
    const closing = door[Symbol.asyncDispose]()
    finish.resolve()
    const [response] = (await once(slow, 'response')) as [IncomingMessage]
    assert.equal((await read(response)).body, 'whole')
    await closing
    await door[Symbol.asyncDispose]()
    agent.destroy()
  })

  it('tells HTTP/2 clients to go when it closes', async () => {
    const { door, ca } = await openApiDoor()
    door.serverFactory((_request, response) => response.end())
    door.open()
    const session = connect(`https://127.0.0.1:${door.address.port}`, { ca })
    await getOverHttp2(session)
    const gone = once(session, 'close')
    await door[Symbol.asyncDispose]()
    await gone
  })

  it('refuses in one line to listen where somebody listens', async () => {
    await using door = await openRegistryDoor()
    await assert.rejects(openRegistryDoor(door.address.port), (error) => {
      assert(error instanceof StartError)
      assert.match(
        error.message,
        /^cannot listen on 127\.0\.0\.1:\d+: the address is in use; give another address with --registry-listen$/,
      )
      return true
    })
  })
})
