/** What an `Authorization` header offers (registry.md B-10, B-11). */
export type Credentials =
  | { kind: 'none' }
  | { kind: 'invalid' }
  | { kind: 'anonymous' }
  | { kind: 'token'; token: string }

/** The token that stands for "no user", handed out by the token endpoint. */
export const anonymousToken = 'anonymous'

export function parseCredentials(header: string | undefined): Credentials {
  const space = header?.indexOf(' ') ?? -1
  if (header === undefined || space === -1) return { kind: 'none' }
  const scheme = header.slice(0, space).toLowerCase()
  const value = header.slice(space + 1).trim()
  if (scheme === 'bearer') return bearer(value)
  if (scheme !== 'basic') return { kind: 'none' }
  const { password = '' } = parseBasic(value) ?? {}
  return password === '' ? { kind: 'invalid' } : bearer(password)
}

function bearer(token: string): Credentials {
  return token === '' || token === anonymousToken ? { kind: 'anonymous' } : { kind: 'token', token }
}

/** Name and password behind the word `Basic`; undefined when they cannot be decoded. */
export function parseBasic(value: string): { userName: string; password: string } | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined
  const text = Buffer.from(value, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? undefined : { userName: text.slice(0, colon), password: text.slice(colon + 1) }
}
