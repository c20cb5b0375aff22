import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { SigningKeys } from './signing-keys.ts'

/** Small values that a browser carries and cannot change: cookies of sessions and of logins under way. */

/** Of the signing key, so that all replicas read each other's; different for each use. */
export function deriveSecret(keys: SigningKeys, use: string): Uint8Array {
  const key = keys.current.privateKey.export({ type: 'pkcs8', format: 'der' })
  return new Uint8Array(hkdfSync('sha256', key, '', `weir ${use}`, 32))
}

function sign(secret: Uint8Array, purpose: string, text: string): Buffer {
  return createHmac('sha256', secret).update(`${purpose}.${text}`).digest()
}

/** `purpose` keeps a value of one use from being taken for another's. */
export function seal(
  secret: Uint8Array,
  purpose: string,
  value: Record<string, string>,
  expires: Date,
): string {
  const text = Buffer.from(JSON.stringify({ value, expires: expires.getTime() })).toString('base64url')
  return `${text}.${sign(secret, purpose, text).toString('base64url')}`
}

/** The value; undefined when it is not ours, has been changed or is too old. */
export function unseal(
  secret: Uint8Array,
  purpose: string,
  sealed: string,
  now: Date,
): Record<string, string> | undefined {
  const [text = '', signature = ''] = sealed.split('.')
  const given = Buffer.from(signature, 'base64url')
  const right = sign(secret, purpose, text)
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
  const { value, expires } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as {
    value: Record<string, string>
    expires: number
  }
  return expires > now.getTime() ? value : undefined
}
