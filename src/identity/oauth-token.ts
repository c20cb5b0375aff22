import { createHash } from 'node:crypto'

/** What clients present and what is stored of it (auth.md U-10, U-11). Authorisation codes have the same form. */

export const tokenPrefix = 'sha256~'

/**
 * `randomBytes` gives so many random bytes. A token never has `-` after its prefix: a command line would take it
 * for a flag.
 */
export function createOAuthToken(randomBytes: (size: number) => Uint8Array): string {
  for (;;) {
    const text = Buffer.from(randomBytes(32)).toString('base64url')
    if (!text.startsWith('-')) return `${tokenPrefix}${text}`
  }
}

export function isOAuthToken(token: string): boolean {
  return token.startsWith(tokenPrefix) && token.length > tokenPrefix.length
}

/** Name of the object that stands for the token: nobody gets from it to the token. */
export function hashOAuthToken(token: string): string {
  const text = token.startsWith(tokenPrefix) ? token.slice(tokenPrefix.length) : token
  return `${tokenPrefix}${createHash('sha256').update(text, 'utf8').digest('base64url')}`
}
