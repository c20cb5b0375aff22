import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a session's URL says of it (registry.md A-21), signed, so that a stale or foreign URL is noticed. */
export interface UploadState {
  Name: string
  UUID: string
  /** Bytes that the session held when the URL was given out. */
  Offset: number
  /** RFC 3339. */
  StartedAt: string
}

export interface UploadStates {
  /** The value of `_state`. */
  format(state: UploadState): string
  /** undefined for what we never signed. */
  parse(text: string): UploadState | undefined
}

const signatureBytes = 32

export function createUploadStates(secret: string | Uint8Array): UploadStates {
  const sign = (body: Uint8Array): Buffer => createHmac('sha256', secret).update(body).digest()
  return {
    format(state) {
      const body = Buffer.from(JSON.stringify(state))
      return Buffer.concat([sign(body), body]).toString('base64url')
    },
    parse(text) {
      const bytes = Buffer.from(text, 'base64url')
      const body = bytes.subarray(signatureBytes)
      if (body.length === 0 || !timingSafeEqual(bytes.subarray(0, signatureBytes), sign(body)))
        return undefined
      return JSON.parse(body.toString('utf8')) as UploadState
    },
  }
}
