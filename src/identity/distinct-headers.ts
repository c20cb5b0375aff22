import type { RequestHeaders } from './authenticator.ts'

/**
 * Each occurrence of a header as a value of its own, names in lower case, from `IncomingMessage.rawHeaders`. Node's own
 * `headers` join some with commas, which a group's name may hold, and drop others, which then nobody sees.
 */
export function distinctHeaders(raw: readonly string[]): RequestHeaders {
  const headers: Record<string, string[]> = Object.create(null)
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    headers[name] = [...(headers[name] ?? []), raw[i + 1] as string]
  }
  return headers
}
