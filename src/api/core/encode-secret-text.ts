import { encodeBase64 } from '../../machinery/base64.ts'

/** Text as a secret's `data` holds it: its UTF-8 bytes in base64. */
export function encodeSecretText(text: string): string {
  return encodeBase64(new TextEncoder().encode(text))
}
