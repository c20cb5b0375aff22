import { createHmac } from 'node:crypto'

/**
 * Headers that prove who wrote a notice, in two customary forms: that of Standard Webhooks (`webhook-signature`, over id, time and
 * body, which a receiver can tell from a copy sent later) and `X-Signature: sha256=<hex>` over the body, as Flux's receivers read.
 * `secret` is the Secret's bytes; `whsec_<base64>` stands for what it encodes. `seconds` since the epoch.
 */
export function signNotice(
  { id, body }: { id: string; body: string },
  secret: Uint8Array | undefined,
  seconds: number,
): Record<string, string> {
  const plain = { 'webhook-id': id, 'webhook-timestamp': String(seconds) }
  if (secret === undefined) return plain
  const whole = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64')
  return {
    ...plain,
    'webhook-signature': `v1,${whole}`,
    'x-signature': `sha256=${createHmac('sha256', keyOf(secret)).update(body).digest('hex')}`,
  }
}

const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/

function keyOf(secret: Uint8Array): Uint8Array {
  const match = encoded.exec(new TextDecoder().decode(secret))
  return match === null ? secret : Buffer.from(match[1] ?? '', 'base64')
}
