import type { UpstreamErrorKind } from './errors.ts'
import { isUpstreamError, UpstreamError } from './errors.ts'

/**
 * Turns what Node, OpenSSL and undici say into the words that clients of the original know (import.md §3.5).
 */

interface Failure {
  code?: string
  address?: string
  port?: number
  hostname?: string
  message: string
  reason?: string
  cert?: { subjectaltname?: string }
}

interface Meaning {
  kind: UpstreamErrorKind
  text: string
  temporary?: boolean
}

const untrusted = 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
const expired = 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid'

const byCode: Record<string, Meaning> = {
  EAI_AGAIN: { kind: 'network', text: 'server misbehaving', temporary: true },
  ECONNRESET: { kind: 'network', text: 'read: connection reset by peer', temporary: true },
  EPIPE: { kind: 'network', text: 'write: broken pipe', temporary: true },
  UND_ERR_SOCKET: { kind: 'network', text: 'EOF', temporary: true },
  UND_ERR_CONNECT_TIMEOUT: { kind: 'timeout', text: 'dial tcp: i/o timeout', temporary: true },
  UND_ERR_HEADERS_TIMEOUT: {
    kind: 'timeout',
    text: 'net/http: timeout awaiting response headers',
    temporary: true,
  },
  UND_ERR_BODY_TIMEOUT: { kind: 'timeout', text: 'timeout while reading the body', temporary: true },
  UND_ERR_HEADERS_OVERFLOW: { kind: 'bad-answer', text: 'the headers of the answer are too large' },
  UND_ERR_RES_EXCEEDED_MAX_SIZE: { kind: 'too-large', text: 'the body is too large' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { kind: 'network', text: 'unexpected EOF', temporary: true },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    kind: 'plain-http',
    text: 'http: server gave HTTP response to HTTPS client',
  },
  ERR_SSL_PACKET_LENGTH_TOO_LONG: {
    kind: 'plain-http',
    text: 'http: server gave HTTP response to HTTPS client',
  },
  ERR_SSL_HTTP_REQUEST: { kind: 'plain-http', text: 'http: server gave HTTP response to HTTPS client' },
  CERT_HAS_EXPIRED: { kind: 'tls', text: expired },
  CERT_NOT_YET_VALID: { kind: 'tls', text: expired },
  DEPTH_ZERO_SELF_SIGNED_CERT: { kind: 'tls', text: untrusted },
  SELF_SIGNED_CERT_IN_CHAIN: { kind: 'tls', text: untrusted },
  UNABLE_TO_GET_ISSUER_CERT: { kind: 'tls', text: untrusted },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { kind: 'tls', text: untrusted },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { kind: 'tls', text: untrusted },
}

const dialTexts: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  EADDRNOTAVAIL: 'cannot assign requested address',
  ETIMEDOUT: 'connection timed out',
}

/** UpstreamErrors pass unchanged; a cancelled call's own reason is thrown by who cancelled it, never made one of these. */
export function toTransportError(error: unknown): UpstreamError {
  if (isUpstreamError(error)) return error
  const failure = innermost(error)
  const { kind, text, temporary = false } = meaningOf(failure)
  return new UpstreamError(kind, text, { temporary, cause: error })
}

/** A dual-stack attempt fails with all its errors; the first stands for them. */
function innermost(error: unknown): Failure {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0])
  if (isUpstreamError(error)) return error
  const { cause } = error as { cause?: unknown }
  const { code } = error as Failure
  if (code === undefined && cause instanceof Error) return innermost(cause)
  return error as Failure
}

function meaningOf(failure: Failure): Meaning {
  if (isUpstreamError(failure))
    return { kind: failure.kind, text: failure.message, temporary: failure.temporary }
  const code = failure.code ?? ''
  const dial = dialTexts[code]
  if (dial !== undefined) return { kind: 'network', text: `${dialTarget(failure)}: connect: ${dial}` }
  if (code === 'ENOTFOUND') {
    return { kind: 'network', text: `dial tcp: lookup ${failure.hostname ?? ''}: no such host` }
  }
  if (code === 'EAI_AGAIN') {
    return {
      kind: 'network',
      text: `dial tcp: lookup ${failure.hostname ?? ''}: server misbehaving`,
      temporary: true,
    }
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return { kind: 'tls', text: wrongName(failure) }
  const known = byCode[code]
  if (known !== undefined) return known
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') {
    return {
      kind: 'tls',
      text: `remote error: tls: ${(failure.reason ?? 'handshake failure').toLowerCase()}`,
    }
  }
  if (code.startsWith('HPE_')) return { kind: 'bad-answer', text: 'malformed HTTP response' }
  if (code.startsWith('CERT_') || code.startsWith('UNABLE_')) return { kind: 'tls', text: untrusted }
  return { kind: 'network', text: code === '' ? 'request failed' : `request failed (${code})` }
}

function dialTarget({ address, port }: Failure): string {
  if (address === undefined) return 'dial tcp'
  return `dial tcp ${address.includes(':') ? `[${address}]` : address}:${port ?? ''}`
}

/** e.g. `x509: certificate is valid for a.example, 10.0.0.1, not b.example`. */
function wrongName(failure: Failure): string {
  const names = (failure.cert?.subjectaltname ?? '')
    .split(', ')
    .map((entry) => entry.slice(entry.indexOf(':') + 1))
    .filter((name) => name !== '')
  const asked = /(?:Host|IP): ([^ ]+)\. /.exec(failure.message)?.[1] ?? 'the host asked for'
  const prefix = 'tls: failed to verify certificate: x509: certificate is'
  return names.length === 0
    ? `${prefix} not valid for any names`
    : `${prefix} valid for ${names.join(', ')}, not ${asked}`
}
