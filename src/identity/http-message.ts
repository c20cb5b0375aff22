import type { RequestHeaders } from './authenticator.ts'

/** Requests and answers of the OAuth server, free of any web framework. */

export interface WebRequest {
  /** GET, HEAD or POST. */
  method: string
  /** Without query, e.g. `/oauth/authorize`. */
  path: string
  query: URLSearchParams
  /** Names in lower case. */
  headers: RequestHeaders
  /** The body of a POST of `application/x-www-form-urlencoded`; empty otherwise. */
  form: URLSearchParams
  /** Address of the other side, to count failures by. */
  remoteAddress: string
}

export interface WebResponse {
  status: number
  headers: Record<string, string | string[]>
  body: string
}

const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** No scripts, no frames, nothing from elsewhere, and no address with a code in it sent on. */
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  ...noStore,
}

export function json(status: number, body: unknown, headers: WebResponse['headers'] = {}): WebResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...noStore, ...headers },
    body: `${JSON.stringify(body)}\n`,
  }
}

export function page(status: number, body: string, headers: WebResponse['headers'] = {}): WebResponse {
  return { status, headers: { ...pageHeaders, ...headers }, body }
}

export function redirect(location: string, headers: WebResponse['headers'] = {}): WebResponse {
  return { status: 302, headers: { location, ...noStore, ...headers }, body: '' }
}

export function headerOf(request: WebRequest, name: string): string {
  const value = request.headers[name]
  return (typeof value === 'string' ? value : value?.[0]) ?? ''
}

/** The first cookie of the name; '' when there is none. */
export function cookieOf(request: WebRequest, name: string): string {
  const all = [request.headers.cookie ?? []].flat().join(';')
  for (const part of all.split(';')) {
    const [key = '', ...rest] = part.trim().split('=')
    if (key === name) return rest.join('=')
  }
  return ''
}

/** Lives `maxAge` seconds; absent: until the browser ends. Never readable by scripts nor sent in the clear. */
export function formatCookie(name: string, value: string, maxAge?: number): string {
  const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`
  return `${name}=${value}; Path=/; HttpOnly; Secure; SameSite=Lax${age}`
}
