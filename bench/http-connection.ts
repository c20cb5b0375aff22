import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/** Where requests go, and the headers that each of them carries. */
export interface Target {
  host: string
  port: number
  headers: Readonly<Record<string, string>>
  /** PEM of the CA to trust; absent: plain HTTP. */
  ca?: string
}

export interface RawRequest {
  method: string
  path: string
  headers?: Readonly<Record<string, string>>
  /** Sent one after the other, with a Content-Length over all. */
  body?: readonly (Uint8Array | string)[]
}

export interface RawResponse {
  status: number
  /** `Location`, for uploads. */
  location: string | undefined
  /** Bytes of the body. */
  length: number
  /** Its text, when asked for. */
  text: string
}

/** One kept connection, one request at a time. */
export interface HttpConnection {
  send(request: RawRequest, options?: { keepText?: boolean }): Promise<RawResponse>
  close(): void
}

const headEnd = Buffer.from('\r\n\r\n')

function formatHead(target: Target, { method, path, headers, body }: RawRequest): string {
  const length = (body ?? []).reduce((sum, part) => sum + Buffer.byteLength(part), 0)
  const all: Record<string, string> = { Host: `${target.host}:${target.port}`, ...target.headers, ...headers }
  if (body !== undefined || method === 'POST' || method === 'PUT') all['Content-Length'] = String(length)
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

interface Head {
  status: number
  /** undefined: in chunks. */
  length: number | undefined
  location: string | undefined
}

function parseHead(text: string, method: string): Head {
  const status = Number(text.slice(9, 12))
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1]
  const isEmpty = method === 'HEAD' || status === 204 || status === 304
  const isChunked = /\r\ntransfer-encoding: *chunked/i.test(text)
  if (length === undefined && !isEmpty && !isChunked) throw new Error(`an answer without a length: ${text}`)
  return {
    status,
    length: isEmpty ? 0 : isChunked ? undefined : Number(length),
    location: /\r\nlocation: *([^\r]*)/i.exec(text)?.[1],
  }
}

interface Pending {
  method: string
  keepText: boolean
  resolve(response: RawResponse): void
  reject(error: Error): void
}

/** What a body of chunks is made of: takes pieces of it, says how many bytes were content and whether it is over. */
function createChunkReader() {
  let line = ''
  /** Bytes left of the chunk and the line end behind it. */
  let rest = 0
  let isLast = false
  return (piece: Buffer): { content: number; isOver: boolean } => {
    let content = 0
    for (let at = 0; at < piece.length; ) {
      if (rest > 0) {
        const taken = Math.min(rest, piece.length - at)
        content += Math.max(0, Math.min(taken, rest - 2))
        rest -= taken
        at += taken
        if (rest === 0 && isLast) return { content, isOver: true }
        continue
      }
      const end = piece.indexOf(10, at)
      line += piece.toString('latin1', at, end === -1 ? piece.length : end)
      if (end === -1) break
      at = end + 1
      const size = Number.parseInt(line, 16)
      line = ''
      isLast = size === 0
      rest = size + 2
    }
    return { content, isOver: false }
  }
}

/** Reads answers out of pieces. Bodies are counted, not kept, unless their text is wanted; that of chunks is never kept. */
function createReader(current: () => Pending | undefined, done: (response: RawResponse) => void) {
  let head: Head | undefined
  let chunks: ReturnType<typeof createChunkReader> | undefined
  let length = 0
  let isOver = false
  let waiting = Buffer.alloc(0)
  let texts: Buffer[] = []

  function finish(): void {
    if (head === undefined || !isOver) return
    const { status, location } = head
    head = undefined
    const text = Buffer.concat(texts).toString()
    texts = []
    done({ status, location, length, text })
  }

  function take(body: Buffer, whole: number | undefined): void {
    const read = chunks?.(body)
    length += read?.content ?? body.length
    isOver = read?.isOver ?? length >= (whole ?? 0)
  }

  return (piece: Buffer): void => {
    let body = piece
    if (head === undefined) {
      const all = waiting.length === 0 ? piece : Buffer.concat([waiting, piece])
      const end = all.indexOf(headEnd)
      if (end === -1) {
        waiting = Buffer.from(all)
        return
      }
      waiting = Buffer.alloc(0)
      head = parseHead(all.toString('latin1', 0, end + 2), current()?.method ?? '')
      chunks = head.length === undefined ? createChunkReader() : undefined
      length = 0
      body = all.subarray(end + headEnd.length)
    }
    take(body, head.length)
    if (current()?.keepText === true || head.status >= 400) texts.push(Buffer.from(body))
    finish()
  }
}

function openSocket({ host, port, ca }: Target, feed: (piece: Buffer) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const onConnect = (): void => {
      socket.setNoDelay(true)
      resolve(socket)
    }
    const onread = {
      buffer: Buffer.alloc(256 << 10),
      callback: (size: number, buffer: Uint8Array) => {
        feed(Buffer.from(buffer.buffer, buffer.byteOffset, size))
        return true
      },
    }
    // Its types don't know that TLS takes it, too.
    const secured: ConnectionOptions & { onread: typeof onread } = { host, port, ca, onread }
    const socket: Socket =
      ca === undefined ? connect({ host, port, onread }, onConnect) : connectTls(secured, onConnect)
    socket.once('error', reject)
  })
}

/**
 * A client that does as little as it can: Node's own costs several times what a server spends on a small answer, and would be
 * what we measure. Rejects when the connection breaks.
 */
export async function openConnection(target: Target): Promise<HttpConnection> {
  let pending: Pending | undefined
  const read = createReader(
    () => pending,
    (response) => {
      const settled = pending
      pending = undefined
      settled?.resolve(response)
    },
  )
  const fail = (error: Error): void => {
    pending?.reject(error)
    pending = undefined
  }
  const socket = await openSocket(target, (piece) => {
    try {
      read(piece)
    } catch (error) {
      fail(error as Error)
    }
  })
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the server closed the connection')))

  return {
    send(request, { keepText = false } = {}) {
      return new Promise((resolve, reject) => {
        pending = { method: request.method, keepText, resolve, reject }
        socket.cork()
        socket.write(formatHead(target, request), 'latin1')
        for (const part of request.body ?? []) socket.write(part)
        socket.uncork()
      })
    },
    close: () => void socket.destroy(),
  }
}
