import type { ByteRange } from '../blobs/index.ts'

/** What a `Range` header asks of content of a known size (registry.md A-41). */
export type RangeRequest = { kind: 'all' } | { kind: 'part'; range: ByteRange } | { kind: 'unsatisfiable' }

const shape = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/

/** Anything but one well-formed range of bytes is answered with the whole. */
export function parseRange(header: string | undefined, size: number): RangeRequest {
  const match = header === undefined ? null : shape.exec(header.replace(/\s/g, ''))
  if (match === null || size === 0) return { kind: 'all' }
  const [, from, to = '', suffix] = match
  if (suffix !== undefined) {
    const length = Number(suffix)
    if (length === 0) return { kind: 'unsatisfiable' }
    return { kind: 'part', range: { start: Math.max(0, size - length), end: size - 1 } }
  }
  const start = Number(from)
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (start >= size || start > end) return { kind: 'unsatisfiable' }
  return { kind: 'part', range: { start, end } }
}

/** `Content-Range` of a chunk that is being uploaded, both ends inclusive; undefined when malformed. */
export function parseUploadRange(header: string): ByteRange | undefined {
  const match = /^(?:bytes[ =])?\s*(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header.trim())
  if (match === null) return undefined
  const start = Number(match[1])
  const end = Number(match[2])
  return Number.isSafeInteger(end) && start <= end ? { start, end } : undefined
}

/** Whether `If-None-Match` names the digest, quoted or bare, weak or strong. */
export function matchesEtag(header: string | undefined, digest: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((item) => {
    const tag = item.trim().replace(/^W\//, '')
    return tag === '*' || tag === digest || tag === `"${digest}"`
  })
}
