import { createHash } from 'node:crypto'

/** A client of the distribution protocol as plain as can be: what it sends and sees is what the tests speak of. */

export type Algorithm = 'sha256' | 'sha512'

export interface Target extends AsyncDisposable {
  /** `http://host:port`, without a slash at the end. */
  url: string
  /** Two repositories to which the user may push and from which it may delete. */
  repositories: readonly [string, string]
  credentials?: { username: string; password: string }
}

export interface Sent {
  headers?: Record<string, string>
  body?: Uint8Array | AsyncIterable<Uint8Array>
}

export interface Seen {
  status: number
  headers: Headers
  bytes: Buffer
  json<T>(): T
}

export interface Wire {
  send(method: string, location: string, sent?: Sent): Promise<Seen>
}

export function digestOf(bytes: Uint8Array, algorithm: Algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** Appends a query parameter to a session's URL, whatever query it has. */
export function withParameter(location: string, key: string, value: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}${key}=${encodeURIComponent(value)}`
}

/** Answers challenges like any client: Basic as it is, Bearer by way of the realm; once, and only after a 401. */
export function createWire({ url, credentials }: Pick<Target, 'url' | 'credentials'>): Wire {
  const basic =
    credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
  let authorization: string | undefined

  async function answerChallenge(challenge: string): Promise<string | undefined> {
    const realm = /^Bearer\s.*realm="([^"]+)"/i.exec(challenge)?.[1]
    if (realm === undefined) return basic
    const response = await fetch(realm, basic === undefined ? {} : { headers: { authorization: basic } })
    if (response.status !== 200) throw new Error(`the realm answered ${response.status}`)
    const body = (await response.json()) as { token?: string; access_token?: string }
    return `Bearer ${body.token ?? body.access_token}`
  }

  async function once(method: string, location: string, { headers = {}, body }: Sent): Promise<Response> {
    return fetch(new URL(location, url), {
      method,
      headers: { ...(authorization === undefined ? {} : { authorization }), ...headers },
      ...(body === undefined ? {} : { body: body as never, duplex: 'half' }),
    })
  }

  return {
    async send(method, location, sent = {}) {
      if (authorization === undefined) {
        const ping = await fetch(`${url}/v2/`)
        await ping.arrayBuffer()
        const challenge = ping.headers.get('www-authenticate')
        if (ping.status === 401 && challenge !== null) authorization = await answerChallenge(challenge)
      }
      const response = await once(method, location, sent)
      const bytes = Buffer.from(await response.arrayBuffer())
      return {
        status: response.status,
        headers: response.headers,
        bytes,
        json: <T>() => JSON.parse(bytes.toString('utf8')) as T,
      }
    },
  }
}
