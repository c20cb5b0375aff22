import { randomBytes, timingSafeEqual } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { type AddressPolicy, reachableZone } from '../upstream/index.ts'

export interface GuardedProxy extends AsyncDisposable {
  /** With the name and password that it asks for. */
  url: string
}

export interface GuardOptions {
  policy: AddressPolicy
  /** `host:port` that may always be connected to. */
  own: ReadonlySet<string>
  resolve?: (host: string) => Promise<readonly string[]>
}

const systemResolve = async (host: string) =>
  (await lookup(host, { all: true })).map(({ address }) => address)
const connectPatience = 30_000

/**
 * A proxy on loopback for the programs that fetch sources and images: whatever name, redirect or answer leads them somewhere, the
 * address that is connected to is judged (threat 3). Only who knows the password may use it.
 */
export async function openGuardedProxy(options: GuardOptions): Promise<GuardedProxy> {
  const password = randomBytes(24).toString('base64url')
  const expected = `Basic ${Buffer.from(`weir:${password}`).toString('base64')}`
  const sockets = new Set<Socket>()
  const isKnown = ({ headers }: IncomingMessage) => isSame(headers['proxy-authorization'] ?? '', expected)
  const server = createServer((incoming, answer) => {
    if (!isKnown(incoming))
      return void answer.writeHead(407, { 'proxy-authenticate': 'Basic realm="weir"' }).end()
    forward(incoming, answer, options).catch(() => answer.destroy())
  })
  server.on('connect', (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    client.on('error', () => client.destroy())
    if (!isKnown(incoming)) {
      return void client.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="weir"\r\n\r\n',
      )
    }
    tunnel(incoming.url ?? '', client, head, options).catch(() => client.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://weir:${password}@127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** The address to connect to; undefined where none of the host's may be. */
async function addressOf(host: string, port: number, options: GuardOptions): Promise<string | undefined> {
  const { own, policy, resolve = systemResolve } = options
  const addresses = await resolve(host)
  if (own.has(`${host}:${port}`)) return addresses[0]
  return addresses.find((address) => reachableZone(address, 'loopback', policy) !== undefined)
}

function splitTarget(text: string): { host: string; port: number } | undefined {
  const [, v6, name, port = ''] = /^(?:\[([^\]]+)\]|([^:/@]+)):(\d{1,5})$/.exec(text) ?? []
  const host = v6 ?? name
  return host === undefined ? undefined : { host, port: Number(port) }
}

const refusal = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

async function tunnel(target: string, client: Socket, head: Buffer, options: GuardOptions): Promise<void> {
  const asked = splitTarget(target)
  const address = asked && (await addressOf(asked.host, asked.port, options).catch(() => undefined))
  if (asked === undefined || address === undefined) return void client.end(refusal)
  const far = connect({ host: address, port: asked.port, timeout: connectPatience })
  far.once('timeout', () => far.destroy())
  far.once('connect', () => {
    far.setTimeout(0)
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    far.write(head)
    pipeline(far, client, far, () => {})
  })
  far.on('error', () => client.destroy())
  client.once('close', () => far.destroy())
}

const hopHeaders = new Set(['proxy-authorization', 'proxy-connection', 'connection', 'keep-alive'])

/** Plain HTTP: the request as it is, to the judged address. */
async function forward(
  incoming: IncomingMessage,
  answer: ServerResponse,
  options: GuardOptions,
): Promise<void> {
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : undefined
  const port = Number(url?.port || 80)
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? ''
  const address =
    url?.protocol === 'http:' ? await addressOf(host, port, options).catch(() => undefined) : undefined
  if (url === undefined || address === undefined) return void answer.writeHead(403).end()
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).filter(([name]) => !hopHeaders.has(name)),
  )
  const far = request(
    {
      host: address,
      port,
      path: `${url.pathname}${url.search}`,
      method: incoming.method ?? 'GET',
      headers: { ...headers, host: url.host },
    },
    (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      pipeline(response, answer, () => {})
    },
  )
  far.on('error', () => answer.destroy())
  pipeline(incoming, far, () => {})
}
