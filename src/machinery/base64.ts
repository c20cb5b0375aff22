const groups = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * Where base64 text stops being well-formed, undefined when it is whole (Go's `base64.StdEncoding`, which skips line
 * breaks).
 */
export function base64Problem(text: string): number | undefined {
  if (groups.test(text)) return undefined
  const bare = text.replace(/[\r\n]/g, '')
  if (groups.test(bare)) return undefined
  const bad = text.search(/[^A-Za-z0-9+/=\r\n]/)
  const pad = text.search(/=[^=\r\n]|===/)
  const found = [bad, pad].filter((at) => at >= 0)
  return found.length === 0 ? text.length - (bare.length % 4) : Math.min(...found)
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** Value of a character, 64 for one that is foreign. */
const values = new Uint8Array(128).fill(64)
for (const [i, c] of [...alphabet].entries()) values[c.charCodeAt(0)] = i

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] as number, bytes[i + 1], bytes[i + 2]]
    out += alphabet[a >> 2]
    out += alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)]
    out += b === undefined ? '=' : alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)]
    out += c === undefined ? '=' : alphabet[c & 63]
  }
  return out
}

/** Padding and line breaks don't matter; undefined where a character is foreign. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bare = text.replace(/[\r\n]/g, '').replace(/={1,2}$/, '')
  if (bare.length % 4 === 1) return undefined
  const out = new Uint8Array(Math.floor((bare.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < bare.length; i++) {
    const value = values[bare.charCodeAt(i)] ?? 64
    if (value === 64) return undefined
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = (held >> bits) & 0xff
    }
  }
  return out
}

/** The URL form without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

export function decodeBase64Url(text: string): Uint8Array | undefined {
  return /[+/=]/.test(text) ? undefined : decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/'))
}
