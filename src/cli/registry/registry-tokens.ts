import type { Readable } from 'node:stream'
import type { RegistryCredentials } from './auth-file.ts'

/** How a registry's challenge is answered (distribution "Token Authentication", RFC 7235). */

export interface TokenOptions {
  repository: string
  credentials: RegistryCredentials | undefined
  fetch(url: URL, headers: Record<string, string>): Promise<{ status: number; body: Readable }>
}

export interface Tokens {
  /** The value of `Authorization` that the last challenge led to. */
  current(write: boolean): Promise<string | undefined>
  /** Answers a challenge; undefined when there is nothing to answer with. */
  answer(challenge: string, write: boolean): Promise<string | undefined>
}

export function basicAuthorization({ username, password }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** Parameters of the first challenge of a scheme, undefined without one. */
function parseChallenge(header: string, scheme: string): Record<string, string> | undefined {
  const start = new RegExp(`(?:^|,)\\s*${scheme}(?:\\s+|$)`, 'i').exec(header)
  if (start === null) return undefined
  const parameters: Record<string, string> = {}
  for (const [, name = '', quoted, bare] of header
    .slice(start.index + start[0].length)
    .matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s,]*))/g)) {
    parameters[name.toLowerCase()] ??= quoted ?? bare ?? ''
  }
  return parameters
}

export function createTokens({ repository, credentials, fetch }: TokenOptions): Tokens {
  const kept = new Map<boolean, string>()

  async function request(
    realm: string,
    service: string | undefined,
    write: boolean,
  ): Promise<string | undefined> {
    const url = new URL(realm)
    if (service !== undefined) url.searchParams.set('service', service)
    // Without a repository only the credentials are tried.
    if (repository !== '')
      url.searchParams.set('scope', `repository:${repository}:${write ? 'pull,push' : 'pull'}`)
    const headers = credentials === undefined ? {} : { Authorization: basicAuthorization(credentials) }
    const response = await fetch(url, headers as Record<string, string>)
    const chunks: Buffer[] = []
    for await (const chunk of response.body) chunks.push(chunk)
    if (response.status !== 200) return undefined
    const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
      token?: string
      access_token?: string
    }
    const token = answer.token ?? answer.access_token
    return token === undefined ? undefined : `Bearer ${token}`
  }

  return {
    current: (write) => Promise.resolve(kept.get(write)),
    async answer(challenge, write) {
      const bearer = parseChallenge(challenge, 'Bearer')
      let authorization: string | undefined
      if (bearer?.realm !== undefined) authorization = await request(bearer.realm, bearer.service, write)
      else if (parseChallenge(challenge, 'Basic') !== undefined && credentials !== undefined) {
        authorization = basicAuthorization(credentials)
      }
      if (authorization !== undefined) kept.set(write, authorization)
      return authorization
    },
  }
}
