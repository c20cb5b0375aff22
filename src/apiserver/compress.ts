import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { constants, crc32, createGzip, deflateRaw, gzipSync } from 'node:zlib'
import { joinSums } from './join-sums.ts'

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

const deflate = promisify(deflateRaw)

/** A piece of a gzip file, and what the file's end has to know of it. */
export interface ZippedPiece {
  /** Up to a byte, and knowing nothing of what came before: such pieces can follow each other in any order. */
  bytes: Uint8Array
  /** CRC-32 of what was compressed, and its length. */
  sum: number
  size: number
}

/** What is shorter is sent as it is: the way to another thread and back costs more. */
const worthZipping = 1024

/** Off the main thread. */
export async function zipPiece(bytes: Uint8Array): Promise<ZippedPiece> {
  const piece = { sum: crc32(bytes), size: bytes.length }
  if (bytes.length < worthZipping) return { ...piece, bytes: storedBlock(bytes) }
  return { ...piece, bytes: await deflate(bytes, { level, finishFlush: constants.Z_FULL_FLUSH }) }
}

/** RFC 1951 §3.2.4: not the last block, no compression, the length and its complement. */
function storedBlock(bytes: Uint8Array): Uint8Array {
  const block = Buffer.alloc(5 + bytes.length)
  block.writeUInt16LE(bytes.length, 1)
  block.writeUInt16LE(~bytes.length & 0xffff, 3)
  block.set(bytes, 5)
  return block
}

/**
 * A gzip file (RFC 1952) of pieces that were compressed each by itself, so that those that are sent again and again are compressed, and
 * looked through, once. Begins with `head`; `end` is asked for when all pieces were `add`ed, in their order.
 */
export function createZipFrame(): { head: Buffer; add(piece: ZippedPiece): void; end(): Buffer } {
  let sum = 0
  let size = 0
  return {
    // Deflate, no flags, no time, fastest, no system.
    head: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]),
    add(piece) {
      sum = joinSums(sum, piece.sum, piece.size)
      size += piece.size
    },
    end() {
      const end = Buffer.alloc(lastBlock.length + 8)
      end.set(lastBlock)
      end.writeUInt32LE(sum, lastBlock.length)
      end.writeUInt32LE(size % 2 ** 32, lastBlock.length + 4)
      return end
    },
  }
}

/** The last block, which is empty (RFC 1951 §3.2.6). */
const lastBlock = Buffer.from([3, 0])

/** For what is made once and sent often. */
export function gzipOnce(body: Uint8Array): Buffer {
  return gzipSync(body)
}
