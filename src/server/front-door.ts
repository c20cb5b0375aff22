import { once } from 'node:events'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Address } from './config.ts'
import { StartError } from './start-error.ts'

/**
 * An address that listens from the first moment of a start to the last of a stop. While nothing is behind it yet, or no more,
 * it says so with 503 and `Retry-After` instead of refusing the connection, so that clients wait rather than give up.
 */
export interface FrontDoor extends AsyncDisposable {
  /** With the port that the system chose, where 0 was asked for. */
  readonly address: Address
  /** For Fastify: its handler gets the requests from {@link open} until disposal. */
  readonly serverFactory: (handler: RequestHandler) => Server
  open(): void
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

export interface ClosedAnswer {
  contentType: string
  /** Why nothing is served: 'starting' or 'stopping'. */
  body(why: 'starting' | 'stopping'): string
}

export interface DoorOptions {
  address: Address
  /** Named in errors. */
  flag: string
  server: Server
  closed: ClosedAnswer
}

const retryAfterSeconds = 1

/** Milliseconds; longer than clients keep theirs, so that they close first. */
const keepAliveTimeout = 100_000

/** Rejects with a StartError when it can't listen. */
export async function openFrontDoor({ address, flag, server, closed }: DoorOptions): Promise<FrontDoor> {
  let handler = answerClosed(closed, 'starting')
  let opened: RequestHandler | undefined
  server.on('request', (request, response) => handler(request, response))
  await listen(server, address, flag)
  const { port } = server.address() as AddressInfo
  return {
    address: { ...address, port },
    serverFactory: (next) => {
      opened = next
      return server
    },
    open() {
      if (opened !== undefined) handler = opened
    },
    async [Symbol.asyncDispose]() {
      handler = answerClosed(closed, 'stopping')
      await closeServer(server)
    },
  }
}

/** HTTP/2 for who asks for it by ALPN, HTTP/1.1 for everybody else. */
export function createApiDoorServer(tls: { cert: string; key: string; ca?: string }): Server {
  const server = createSecureServer({
    ...tls,
    allowHTTP1: true,
    requestCert: true,
    rejectUnauthorized: false,
    // As many as the real server lets a connection have (`--http2-max-streams-per-connection`).
    settings: { maxConcurrentStreams: 250 },
  }) as unknown as Server
  server.keepAliveTimeout = keepAliveTimeout
  // Of itself Node does so for HTTP/1.1 servers only: the end of a streamed answer would wait for the client's acknowledgement.
  server.on('connection', (socket) => socket.setNoDelay(true))
  return server
}

export function createRegistryDoorServer(tls: { cert: string; key: string } | undefined): Server {
  const server = tls === undefined ? createHttpServer() : createHttpsServer(tls)
  // Uploads take as long as they take; a connection on which nothing moves is another matter.
  server.requestTimeout = 0
  server.keepAliveTimeout = keepAliveTimeout
  server.setTimeout(300_000)
  return server
}

function answerClosed({ contentType, body }: ClosedAnswer, why: 'starting' | 'stopping'): RequestHandler {
  return (request, response) => {
    request.resume()
    const text = body(why)
    response.writeHead(503, {
      'content-type': contentType,
      'content-length': Buffer.byteLength(text),
      'retry-after': String(retryAfterSeconds),
      // HTTP/2 has no such header: there the whole connection is told to go (GOAWAY).
      ...(request.httpVersionMajor === 1 ? { connection: 'close' } : {}),
    })
    response.end(request.method === 'HEAD' ? undefined : text)
  }
}

async function listen(server: Server, { host, port }: Address, flag: string): Promise<void> {
  try {
    server.listen({ host, port })
    await once(server, 'listening')
  } catch (error) {
    throw cannotListen({ host, port }, flag, error)
  }
}

function cannotListen({ host, port }: Address, flag: string, error: unknown): StartError {
  const { code, message } = error as NodeJS.ErrnoException
  const why = code === 'EADDRINUSE' ? 'the address is in use' : code === 'EACCES' ? 'not allowed' : message
  return new StartError(`cannot listen on ${host}:${port}: ${why}; give another address with ${flag}`)
}

/** Milliseconds between looks at whether connections have become idle. */
const idleCheck = 20

/** Requests that are under way end; connections that wait for their next one do not hold it up. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = setInterval(() => server.closeIdleConnections?.(), idleCheck)
  try {
    await closed
  } finally {
    clearInterval(timer)
  }
}
