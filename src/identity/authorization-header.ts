export type Credentials =
  | { kind: 'none' }
  | { kind: 'bearer'; token: string }
  | { kind: 'basic'; userName: string; password: string }
  /** There is something, and it is nothing that we could check. */
  | { kind: 'malformed' }

const malformed: Credentials = { kind: 'malformed' }

function parseBasic(encoded: string): Credentials {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded)) return malformed
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return malformed
  return { kind: 'basic', userName: text.slice(0, colon), password: text.slice(colon + 1) }
}

/**
 * Reads an `Authorization` header (RFC 6750 §2.1, RFC 7617). Several headers are malformed: which of them would
 * count?
 */
export function parseAuthorization(header: string | readonly string[] | undefined): Credentials {
  const values = header === undefined ? [] : typeof header === 'string' ? [header] : header
  if (values.length === 0) return { kind: 'none' }
  if (values.length > 1) return malformed
  const [, scheme = '', rest = ''] = /^\s*(\S+)(?:\s+(.*?))?\s*$/.exec(values[0] as string) ?? []
  if (rest === '') return malformed
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return /\s/.test(rest) ? malformed : { kind: 'bearer', token: rest }
    case 'basic':
      return parseBasic(rest)
    default:
      return malformed
  }
}
