import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'

export interface ApiTarget {
  /** `https://host:port`. */
  url: string
  token: string
  ca: string
}

export interface Answer {
  status: number
  text: string
}

/** A client of the API that keeps its connections. */
export interface ApiClient extends Disposable {
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>
  /** The answer as it comes in, for watches; aborting the signal ends it. */
  open(path: string, signal: AbortSignal): Promise<IncomingMessage>
}

export function createApiClient({ url, token, ca }: ApiTarget, connections: number): ApiClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca })
  const authorization = `Bearer ${token}`

  const send: ApiClient['send'] = (method, path, body, contentType = 'application/json') =>
    new Promise((resolve, reject) => {
      const headers = { authorization, ...(body === undefined ? {} : { 'content-type': contentType }) }
      const asking = request(`${url}${path}`, { method, agent, headers }, (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('error', reject)
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() })
        })
      })
      asking.on('error', reject)
      asking.end(body === undefined ? undefined : JSON.stringify(body))
    })

  return {
    send,
    async open(path, signal) {
      // A connection of its own: a watch would keep one from the others.
      const asking = request(`${url}${path}`, { headers: { authorization }, agent: false, ca, signal })
      asking.end()
      const [response] = (await once(asking, 'response')) as [IncomingMessage]
      asking.on('error', () => undefined)
      return response
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}
