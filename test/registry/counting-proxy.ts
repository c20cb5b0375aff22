import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** Stands in front of a registry, counts what it is asked for, and can be pulled from under whoever reads from it. */
export interface CountingProxy extends AsyncDisposable {
  /** `127.0.0.1:port` */
  host: string
  /** `GET /v2/…` and so on, in the order of arrival. */
  requests: string[]
  /** Passes so many bytes of the next body of that path, then cuts every connection and takes no more. */
  dieAfter(path: string, bytes: number): void
  /** As if killed. */
  die(): void
}

export async function openCountingProxy(target: string): Promise<CountingProxy> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  let deadly: { path: string; bytes: number } | undefined
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`)
    forward(incoming, outgoing)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  function die(): void {
    server.close()
    for (const socket of sockets) socket.destroy()
  }

  function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url, headers } = incoming
    const onward = request(`http://${target}${url}`, { method: method ?? 'GET', headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      const isDeadly = method === 'GET' && deadly?.path === url
      const limit = isDeadly ? (deadly?.bytes ?? 0) : Number.POSITIVE_INFINITY
      let passed = 0
      answer.on('data', (chunk: Buffer) => {
        passed += chunk.length
        if (!outgoing.write(chunk)) {
          answer.pause()
          outgoing.once('drain', () => answer.resume())
        }
        if (passed >= limit) die()
      })
      answer.once('end', () => outgoing.end())
      answer.once('error', () => outgoing.destroy())
    })
    onward.once('error', () => outgoing.destroy())
    outgoing.once('close', () => onward.destroy())
    incoming.pipe(onward)
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    dieAfter(path, bytes) {
      deadly = { path, bytes }
    },
    die,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      die()
      await once(server, 'close')
    },
  }
}
