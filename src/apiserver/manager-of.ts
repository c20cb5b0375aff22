const maxBytes = 128

/**
 * Whom fields belong to when a request names no manager: its client, as the User-Agent's first word tells. Unprintable
 * characters are left out, as is what goes beyond the length of a manager's name.
 */
export function managerOf(userAgent: string | undefined): string {
  const word = (userAgent ?? '').split('/', 1)[0] ?? ''
  let manager = ''
  let bytes = 0
  for (const character of word) {
    if (/[\p{C}\p{Zl}\p{Zp}]/u.test(character)) continue
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes) break
    manager += character
  }
  return manager
}
