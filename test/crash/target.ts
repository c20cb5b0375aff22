import { Agent, request } from 'undici'
import type { StartedWeir } from '../clients/start-weir.ts'

/** A server that may die at any moment, as its clients see it. */
export interface Target extends AsyncDisposable {
  /** undefined when the connection broke off: nobody knows whether it was done. */
  api(method: string, path: string, body?: object): Promise<Answer | undefined>
  registry(
    method: string,
    path: string,
    body?: Buffer,
    type?: string,
    headers?: object,
  ): Promise<Answer | undefined>
}

export interface Answer {
  /** Method and path of the request. */
  asked: string
  status: number
  headers: Record<string, string | string[] | undefined>
  bytes: Buffer
}

export function openTarget(weir: StartedWeir): Target {
  const agent = new Agent({ connect: { ca: weir.caCert }, pipelining: 1 })
  const authorization = `Bearer ${weir.adminToken}`
  const call = async (url: URL, method: string, headers: object, body?: Buffer | string) => {
    try {
      const answer = await request(url, {
        method: method as 'GET',
        dispatcher: agent,
        headers: { authorization, ...headers },
        ...(body === undefined ? {} : { body }),
      })
      const bytes = Buffer.from(await answer.body.arrayBuffer())
      return { asked: `${method} ${url.pathname}`, status: answer.statusCode, headers: answer.headers, bytes }
    } catch {
      return undefined
    }
  }
  return {
    api: (method, path, body) =>
      call(
        new URL(path, weir.apiUrl),
        method,
        body === undefined ? {} : { 'content-type': 'application/json' },
        body === undefined ? undefined : JSON.stringify(body),
      ),
    registry: (method, path, body, type, headers = {}) =>
      call(
        new URL(path, weir.registryUrl),
        method,
        { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
        body,
      ),
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}
