import type { Readable } from 'node:stream'
import { createGzip, type Gzip, gzipSync } from 'node:zlib'

/** Answers shorter than this are sent as they are, as the real server does (`APIResponseCompression`): bytes. */
export const compressFrom = 128 * 1024

/** The fastest level: on a network it pays, on one machine it costs least. */
const level = 1

/** Whether `Accept-Encoding` names gzip and doesn't refuse it by `q=0` (RFC 9110 §12.5.3). */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((part) => {
      const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      return coding === 'gzip' && !parameters.some((parameter) => /^q=0(\.0{0,3})?$/.test(parameter))
    })
}

/** The body compressed while it is sent, off the main thread. */
export function gzipBody(body: string | Uint8Array): Readable {
  const gzip = createGzip({ level })
  gzip.end(body)
  return gzip
}

/** For what is written piece by piece. */
export function createListGzip(): Gzip {
  return createGzip({ level })
}

/** For what is made once and sent often. */
export function gzipOnce(body: Uint8Array): Buffer {
  return gzipSync(body)
}
