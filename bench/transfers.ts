import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { openConnection, type Target } from './http-connection.ts'
import { expectStatus } from './push-blob.ts'

/** Transfers that are under way, all of them, for so long; then they are broken off. */
export interface TransfersJob {
  kind: 'transfers'
  target: Target
  repository: string
  /** Absent: uploads. */
  digest?: string
  /** Bytes of each. */
  size: number
  count: number
  seconds: number
  /** Bytes that each moves at most, so that the disk is not filled. */
  most: number
}

const block = Buffer.alloc(256 << 10, 1)

function formatHead(target: Target, method: string, path: string, length?: number): string {
  const headers = { Host: `${target.host}:${target.port}`, ...target.headers }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const body =
    length === undefined ? '' : `Content-Type: application/octet-stream\r\nContent-Length: ${length}\r\n`
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}${body}\r\n`
}

async function open({ host, port }: Target): Promise<Socket> {
  const socket = connect({ host, port })
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  return socket
}

async function startSession({ target, repository }: TransfersJob): Promise<string> {
  const connection = await openConnection(target)
  const request = { method: 'POST', path: `/v2/${repository}/blobs/uploads/` }
  const { location = '' } = await expectStatus(connection, request, 202)
  connection.close()
  const { pathname, search } = new URL(location, 'http://unused')
  return pathname + search
}

/** As fast as it is taken. */
async function send(job: TransfersJob, until: number): Promise<number> {
  const path = await startSession(job)
  const socket = await open(job.target)
  socket.write(formatHead(job.target, 'PATCH', path, job.size))
  let sent = 0
  while (performance.now() < until && !socket.destroyed) {
    if (sent >= job.most) {
      await pause(50)
      continue
    }
    sent += block.length
    if (!socket.write(block)) {
      await Promise.race([once(socket, 'drain'), pause(Math.max(1, until - performance.now()))])
    }
  }
  socket.destroy()
  return sent
}

/** A little at a time, so that it is never over. */
async function receive(job: TransfersJob, until: number): Promise<number> {
  const socket = await open(job.target)
  let received = 0
  socket.on('data', (piece) => {
    received += piece.length
    socket.pause()
    setTimeout(() => socket.resume(), 20)
  })
  socket.write(formatHead(job.target, 'GET', `/v2/${job.repository}/blobs/${job.digest}`))
  await pause(Math.max(1, until - performance.now()))
  socket.destroy()
  return received
}

/** Resolves to the bytes that moved. Rejects when a transfer came to nothing. */
export async function holdTransfers(job: TransfersJob): Promise<number> {
  const until = performance.now() + job.seconds * 1000
  const move = job.digest === undefined ? send : receive
  const moved = await Promise.all(Array.from({ length: job.count }, () => move(job, until)))
  if (moved.includes(0)) throw new Error('a transfer did not move')
  return moved.reduce((sum, bytes) => sum + bytes, 0)
}
