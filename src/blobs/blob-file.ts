import { close, createReadStream, fstat, open, read } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import type { BlobSender, ByteRange } from './blobs.ts'
import { errorCode } from './storage-error.ts'

/**
 * Reading of blob files, by descriptor: a pull opens, measures, reads and closes, and Node's file handles would cost
 * more than all four.
 */

const openFd = promisify(open)
const statFd = promisify(fstat)
const readFd = promisify(read)
const closeFd = promisify(close)

/** Large enough to keep system calls few, small enough to stay in the processor's cache. */
const bufferBytes = 256 << 10
const maxSpare = 32
const spare: Buffer[] = []

/** With more readers than that at once, most of them wait for their networks: small buffers do then. */
const manyReaders = 16
const smallBufferBytes = 64 << 10
let readers = 0

const takeBuffer = (): Buffer =>
  readers > manyReaders
    ? Buffer.allocUnsafeSlow(smallBufferBytes)
    : (spare.pop() ?? Buffer.allocUnsafeSlow(bufferBytes))
const giveBuffer = (buffer: Buffer): void => {
  if (buffer.length === bufferBytes && spare.length < maxSpare) spare.push(buffer)
}

export interface BlobFile {
  size: number
  /** Closes itself at its end. */
  stream(range: ByteRange | undefined): Readable
  /** Writes the bytes and ends the sink, then closes itself. Rejects when either side fails. */
  sendTo(sink: Writable, range: ByteRange | undefined): Promise<void>
  read(): Promise<Buffer>
  close(): Promise<void>
}

/** undefined when there is no such file. */
export async function openBlobFile(path: string): Promise<BlobFile | undefined> {
  let fd: number
  try {
    fd = await openFd(path, 'r')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const { size } = await statFd(fd)
    return {
      size,
      stream: (range) => createReadStream('', { fd, highWaterMark: bufferBytes, ...(range ?? { start: 0 }) }),
      sendTo: (sink, range) => {
        const all = { start: 0, end: size - 1 }
        return createBlobSender(fd, range ?? all, undefined, () => closeFd(fd)).sendTo(sink)
      },
      read: () => readWhole(fd, size),
      close: () => closeFd(fd),
    }
  } catch (error) {
    await closeFd(fd)
    throw error
  }
}

async function readWhole(fd: number, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(size)
  for (let at = 0; at < size; ) {
    const { bytesRead } = await readFd(fd, buffer, at, size - at, at)
    if (bytesRead === 0) throw new Error('the file is shorter than it was')
    at += bytesRead
  }
  return buffer
}

/**
 * Sends a range of an open file. `beyond` resolves to how many bytes may be read from a position on. `release` is called
 * once, when the descriptor is no longer needed.
 */
export function createBlobSender(
  fd: number,
  range: ByteRange,
  beyond: ((position: number) => Promise<number>) | undefined,
  release: () => Promise<void>,
): BlobSender {
  return {
    async sendTo(sink) {
      readers++
      const buffers: [Buffer, Buffer] = [takeBuffer(), takeBuffer()]
      try {
        await send(fd, sink, range, buffers, beyond)
        sink.end()
        // A sink that failed may still be reading them.
        for (const buffer of buffers) giveBuffer(buffer)
      } finally {
        readers--
        await release()
      }
    },
  }
}

/** Reads into one buffer while the other is on its way out; both are used over and over. */
async function send(
  fd: number,
  sink: Writable,
  { start, end }: ByteRange,
  buffers: readonly [Buffer, Buffer],
  beyond: ((position: number) => Promise<number>) | undefined,
): Promise<void> {
  let written: Promise<void> = Promise.resolve()
  let position = start
  for (let turn = 0; position <= end; turn++) {
    const buffer = buffers[(turn & 1) as 0 | 1]
    const wanted = Math.min(buffer.length, end - position + 1)
    const length = beyond === undefined ? wanted : Math.min(wanted, await beyond(position))
    const { bytesRead } = await readFd(fd, buffer, 0, length, position)
    if (bytesRead === 0) throw new Error('the file is shorter than it was')
    position += bytesRead
    await written
    written = write(sink, buffer.subarray(0, bytesRead))
    // Whoever awaits it next sees the failure; until then nobody may call it unhandled.
    written.catch(() => undefined)
  }
  await written
}

/** Resolves when the sink no longer needs the bytes, rejects when it never will take them. */
function write(sink: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new Error('the reader has gone'))
    if (sink.destroyed) return onClose()
    sink.once('close', onClose)
    sink.write(bytes, (error) => {
      sink.off('close', onClose)
      if (error === undefined || error === null) resolve()
      else reject(error)
    })
  })
}
