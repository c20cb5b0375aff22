import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { isApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { createHttpClient, type HttpClientOptions } from './http-client.ts'
import { TransportError } from './transport.ts'

const streams = {
  group: 'image.openshift.io',
  version: 'v1',
  plural: 'imagestreams',
  namespaced: true,
} as Kind
const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

async function withServer<T>(handle: Handler, use: (options: HttpClientOptions) => Promise<T>): Promise<T> {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    handle(request, response, body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use({
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      userAgent: 'test',
      token: 'secret',
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}

it('reads, with the token and only the parameters that are given', async () => {
  const seen: string[] = []
  await withServer(
    (request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`)
      json(response, 200, { metadata: { name: 'x' } })
    },
    async (options) => {
      using client = createHttpClient(options)
      const object = await client.get(streams, 'demo', 'x')
      assert.equal(object.metadata.name, 'x')
      await client.list(streams, '', { labelSelector: 'a=b,c', limit: 2 })
    },
  )
  assert.deepEqual(seen, [
    `GET ${path}/x Bearer secret`,
    'GET /apis/image.openshift.io/v1/imagestreams?labelSelector=a%3Db%2Cc&limit=2 Bearer secret',
  ])
})

it('writes with the content type of the patch', async () => {
  const seen: string[] = []
  await withServer(
    (request, response, body) => {
      seen.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`)
      json(response, 200, {})
    },
    async (options) => {
      using client = createHttpClient(options)
      await client.patch(
        streams,
        'demo',
        'x',
        { type: 'strategic', body: { spec: {} } },
        { fieldManager: 'me', dryRun: true },
      )
      await client.update(streams, 'demo', { metadata: { name: 'x' } }, { subresource: 'status' })
    },
  )
  assert.deepEqual(seen, [
    `PATCH ${path}/x?dryRun=All&fieldManager=me application/strategic-merge-patch+json {"spec":{}}`,
    `PUT ${path}/x/status application/json {"metadata":{"name":"x"}}`,
  ])
})

it('a Status becomes an ApiError, whatever else becomes one by its code', async () => {
  await withServer(
    (request, response) => {
      if (request.url?.endsWith('/gone')) {
        return json(response, 404, {
          kind: 'Status',
          status: 'Failure',
          message: 'no such',
          reason: 'NotFound',
          details: { name: 'gone' },
          code: 404,
        })
      }
      response.writeHead(request.url?.endsWith('/auth') ? 401 : 502).end('broken proxy')
    },
    async (options) => {
      using client = createHttpClient(options)
      await assert.rejects(
        client.get(streams, 'demo', 'gone'),
        (error) => isApiError(error, 'NotFound') && error.details?.name === 'gone',
      )
      await assert.rejects(client.get(streams, 'demo', 'auth'), (error) => isApiError(error, 'Unauthorized'))
      await assert.rejects(
        client.get(streams, 'demo', 'x'),
        /an error on the server \("broken proxy"\) has prevented the request from succeeding/,
      )
    },
  )
})

it('waits as long as Retry-After says, then tries again', async () => {
  let asked = 0
  await withServer(
    (_, response) => {
      asked++
      if (asked < 3) json(response, asked === 1 ? 429 : 503, {}, { 'Retry-After': '0' })
      else json(response, 200, { metadata: { name: 'x' } })
    },
    async (options) => {
      using client = createHttpClient(options)
      await client.get(streams, 'demo', 'x')
    },
  )
  assert.equal(asked, 3)
})

it('asks for other credentials once after a 401', async () => {
  const seen: (string | undefined)[] = []
  await withServer(
    (request, response) => {
      seen.push(request.headers.authorization)
      json(response, request.headers.authorization === 'Bearer new' ? 200 : 401, {})
    },
    async (options) => {
      using client = createHttpClient({
        ...options,
        authorization: (rejected) => Promise.resolve(rejected ? 'Bearer new' : 'Bearer old'),
      })
      await client.get(streams, 'demo', 'x')
    },
  )
  assert.deepEqual(seen, ['Bearer old', 'Bearer new'])
})

it('hands on warnings', async () => {
  const warnings: string[] = []
  await withServer(
    (_, response) => json(response, 200, {}, { Warning: '299 - "be \\"careful\\""' }),
    async (options) => {
      using client = createHttpClient({ ...options, onWarning: (text) => warnings.push(text) })
      await client.get(streams, 'demo', 'x')
    },
  )
  assert.deepEqual(warnings, ['be "careful"'])
})

it('impersonates with every group', async () => {
  let groups: string | string[] | undefined
  await withServer(
    (request, response) => {
      groups = request.headersDistinct['impersonate-group']
      json(response, 200, {})
    },
    async (options) => {
      using client = createHttpClient({ ...options, impersonate: { user: 'bob', groups: ['a', 'b'] } })
      await client.get(streams, 'demo', 'x')
    },
  )
  assert.deepEqual(groups, ['a', 'b'])
})

it('watches lines however they are cut, and ends when aborted', async () => {
  const long = 'x'.repeat(300_000)
  const stop = new AbortController()
  await withServer(
    (request, response) => {
      assert.match(request.url ?? '', /resourceVersion=5&watch=true$/)
      const line = (type: string, name: string) =>
        `${JSON.stringify({ type, object: { metadata: { name, annotations: { long } } } })}\n`
      const text = line('ADDED', 'ä') + line('MODIFIED', 'b')
      const bytes = Buffer.from(text)
      response.writeHead(200)
      for (let at = 0; at < bytes.length; at += 100_001) response.write(bytes.subarray(at, at + 100_001))
    },
    async (options) => {
      using client = createHttpClient(options)
      const seen: string[] = []
      for await (const event of client.watch<KubeObject>(streams as Kind<KubeObject>, 'demo', {
        resourceVersion: '5',
        signal: stop.signal,
      })) {
        if (event.type === 'ERROR') throw new Error('unexpected')
        seen.push(`${event.type} ${event.object.metadata.name}`)
        if (seen.length === 2) stop.abort()
      }
      assert.deepEqual(seen, ['ADDED ä', 'MODIFIED b'])
    },
  )
})

it('says that the connection was refused', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  using client = createHttpClient({ server: `http://127.0.0.1:${port}`, userAgent: 'test' })
  await assert.rejects(
    client.get(streams, 'demo', 'x'),
    (error) => error instanceof TransportError && error.kind === 'refused',
  )
})
