import type { IncomingHttpHeaders } from 'node:http'

/** How the client reached us, as far as its headers and those of trusted proxies tell. */
export interface RequestFacts {
  headers: IncomingHttpHeaders
  isTls: boolean
  /** Whether the peer may speak for the client in `Forwarded` and `X-Forwarded-*`. */
  isTrusted: boolean
}

const hostShape = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/
const schemeShape = /^https?$/

const isHost = (text: string | undefined): text is string => text !== undefined && hostShape.test(text)

function first(value: string | string[] | undefined): string | undefined {
  const text = Array.isArray(value) ? value[0] : value
  return text?.split(',')[0]?.trim().replace(/^"|"$/g, '')
}

/** The field of each entry of a `Forwarded` header, in order; '' where an entry has none. */
export function forwardedFields(header: string, field: string): string[] {
  return header.split(',').map((entry) => {
    for (const pair of entry.split(';')) {
      const [key = '', value = ''] = pair.split('=', 2)
      if (key.trim().toLowerCase() === field) return value.trim().replace(/^"|"$/g, '')
    }
    return ''
  })
}

function forwardedField(header: string | undefined, field: string): string | undefined {
  return header === undefined ? undefined : forwardedFields(header, field)[0] || undefined
}

function ownScheme(facts: RequestFacts): string {
  return facts.isTls ? 'https' : 'http'
}

/**
 * Scheme and host for `Location` (registry.md A-13): the configured one, else `Forwarded`, else `X-Forwarded-*`, else
 * the request's own; '' for path-absolute ones. What does not look like a host is not repeated to anyone.
 */
export function locationBase(
  facts: RequestFacts,
  config: { host: string | undefined; relativeUrls: boolean },
): string {
  if (config.host !== undefined) return config.host.replace(/\/+$/, '')
  if (config.relativeUrls) return ''
  const { headers, isTrusted } = facts
  const forwarded = isTrusted ? headers.forwarded : undefined
  const schemes = isTrusted ? [forwardedField(forwarded, 'proto'), first(headers['x-forwarded-proto'])] : []
  const hosts = isTrusted ? [forwardedField(forwarded, 'host'), first(headers['x-forwarded-host'])] : []
  const scheme = schemes.find((text) => text !== undefined && schemeShape.test(text)) ?? ownScheme(facts)
  const host = [...hosts, headers.host].find(isHost)
  return host === undefined ? '' : `${scheme}://${host}`
}

function withPort(host: string, port: string | undefined): { host: string; isExplicit: boolean } {
  const hasOwn = /:[0-9]+$/.test(host)
  if (port === undefined || !/^[0-9]{1,5}$/.test(port)) return { host, isExplicit: hasOwn }
  return { host: `${host.replace(/:[0-9]+$/, '')}:${port}`, isExplicit: false }
}

/** Scheme and host of the token endpoint, as the challenge names it (B-14). `tokenRealm` may give one or both parts. */
export function realmBase(facts: RequestFacts, tokenRealm: { scheme?: string; host?: string }): string {
  const { headers, isTrusted } = facts
  const seenHost = isTrusted ? first(headers['x-forwarded-host']) : undefined
  const seenPort = isTrusted ? first(headers['x-forwarded-port']) : undefined
  const seenScheme = isTrusted ? first(headers['x-forwarded-proto']) : undefined
  const proxied = isHost(seenHost)
  const named = proxied ? withPort(seenHost, seenPort) : withPort(headers.host ?? '', undefined)
  const port = /:([0-9]+)$/.exec(named.host)?.[1]
  const scheme =
    tokenRealm.scheme ??
    (seenScheme !== undefined && schemeShape.test(seenScheme)
      ? seenScheme
      : facts.isTls || port === '443'
        ? 'https'
        : 'http')
  if (tokenRealm.host !== undefined) return `${scheme}://${tokenRealm.host}`
  const isDefault = (scheme === 'https' && port === '443') || (scheme === 'http' && port === '80')
  const host = isDefault && !named.isExplicit ? named.host.replace(/:[0-9]+$/, '') : named.host
  return `${scheme}://${isHost(host) ? host : 'localhost'}`
}
