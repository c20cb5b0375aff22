import { readFile } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'

/** An upstream that does whatever a test wants, and remembers what it was asked. */

export interface Seen {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

export interface HostileServer extends AsyncDisposable {
  /** `127.0.0.1:port` */
  host: string
  seen: Seen[]
}

export type Answer = (request: Seen, response: ServerResponse) => void

export interface ServerOptions {
  address?: string
  /** Files; absent: plain http. */
  tls?: { certificate: string; key: string }
}

export async function startServer(answer: Answer, options: ServerOptions = {}): Promise<HostileServer> {
  const { address = '127.0.0.1', tls } = options
  const seen: Seen[] = []
  const listener: RequestListener = (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8')
    })
    request.on('end', () => {
      const entry: Seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body,
      }
      seen.push(entry)
      response.on('error', () => undefined)
      answer(entry, response)
    })
  }
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ cert: await readFile(tls.certificate), key: await readFile(tls.key) }, listener)
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return {
    host: `${address}:${bound.port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function send(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, headers)
  response.end(body)
}

/** Answers the first question as an open registry would. */
export function openPing(request: Seen, response: ServerResponse): boolean {
  if (request.url !== '/v2/') return false
  send(response, 200, '{}', { 'docker-distribution-api-version': 'registry/2.0' })
  return true
}
