import { request as sendOn } from 'node:http'
import { type HostileServer, startServer } from '../../src/upstream/testing/hostile-server.ts'

/** Stands before a registry and writes down what it is asked. */
export interface WatchingProxy extends HostileServer {
  /** `METHOD path` of all requests but the first question, since the last call. */
  taken(): string[]
}

export async function startProxy(target: string): Promise<WatchingProxy> {
  const server = await startServer(({ method, url, headers }, response) => {
    const onward = sendOn(`http://${target}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    onward.end()
  })
  let from = 0
  return {
    ...server,
    taken() {
      const fresh = server.seen.slice(from)
      from = server.seen.length
      return fresh.filter(({ url }) => url !== '/v2/').map(({ method, url }) => `${method} ${url}`)
    },
  }
}
