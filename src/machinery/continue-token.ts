import { decodeBase64Url, encodeBase64Url } from './base64.ts'
import { ApiError, badRequest, quote } from './errors.ts'
import { JsonSyntaxError, parseJsonText } from './json-text.ts'

/** Where the next page of a list begins, and at which state of the store the list was begun. */
export interface ContinueToken {
  /** Absent: the newest, whatever the pages before were; given out with the 410 of a token that is too old. */
  revision?: number
  /** Key of the last object given out, relative to the list's prefix; it may have been deleted since. */
  after: string
}

const version = 'meta.k8s.io/v1'
const anyRevision = -1
const encoder = new TextEncoder()

/** Opaque to clients; in Kubernetes' own form: base64url of `{"v", "rv", "start"}`, `start` being the key after `after`. */
export function formatContinueToken({ revision, after }: ContinueToken): string {
  return encodeBase64Url(
    encoder.encode(JSON.stringify({ v: version, rv: revision ?? anyRevision, start: `/${after}\0` })),
  )
}

function invalidToken(why: string): ApiError {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`)
}

/** BadRequest for what `formatContinueToken` can't have given out, with Kubernetes' texts. */
export function parseContinueToken(text: string): ContinueToken {
  const { v, rv, start } = readToken(text)
  if (v !== version) {
    throw invalidToken(`server does not recognize this encoded version ${quote(String(v ?? ''))}`)
  }
  if (!Number.isSafeInteger(rv) || ((rv as number) <= 0 && rv !== anyRevision)) {
    throw invalidToken(`incorrect encoded start resourceVersion (version ${version})`)
  }
  if (typeof start !== 'string' || start === '') {
    throw invalidToken(`encoded start key empty (version ${version})`)
  }
  const after = /^\/(.+)\0$/s.exec(start)?.[1]
  if (after === undefined || after.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw invalidToken(start)
  }
  return rv === anyRevision ? { after } : { revision: rv as number, after }
}

function readToken(text: string): { v?: unknown; rv?: unknown; start?: unknown } {
  const bytes = decodeBase64Url(text)
  if (bytes === undefined) throw invalidToken(`illegal base64 data at input byte ${badByte(text)}`)
  try {
    const { value } = parseJsonText(decodeText(bytes))
    return typeof value === 'object' && value !== null ? value : {}
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw invalidToken(error.message)
    throw error
  }
}

/** UTF-8; what isn't, byte by byte, as Go's scanner names it. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return String.fromCharCode(...bytes)
  }
}

function badByte(text: string): number {
  const at = text.search(/[^A-Za-z0-9_-]/)
  return at < 0 ? text.length - 1 : at
}

/** 410: history no longer reaches back to the token's revision. It carries a token by which the list goes on as things are now. */
export function expiredContinueToken(token: string): ApiError {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'
  const { after } = parseContinueToken(token)
  return new ApiError(410, 'Expired', message, { continue: formatContinueToken({ after }) })
}
