import { createHash } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'

/** What a client got of a body, and whether it was told that this is all. */
export interface Pulled {
  status: number
  headers: IncomingHttpHeaders
  bytes: number
  digest: string
  isWhole: boolean
}

export interface PullOptions {
  token: string
  method?: string
  headers?: Readonly<Record<string, string>>
  /** Milliseconds between two looks at the socket: a slow reader. */
  pause?: number
}

/** Reads a body without keeping it. Rejects only when no answer came at all. */
export function pull(
  url: string,
  { token, method = 'GET', headers = {}, pause = 0 }: PullOptions,
): Promise<Pulled> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256')
    let bytes = 0
    const sent = request(
      url,
      { method, agent: false, headers: { authorization: `Bearer ${token}`, ...headers } },
      (answer) => {
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          hash.update(chunk)
          if (pause === 0) return
          answer.pause()
          setTimeout(() => answer.resume(), pause)
        })
        answer.on('error', () => undefined)
        answer.once('close', () => {
          const digest = `sha256:${hash.digest('hex')}`
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            bytes,
            digest,
            isWhole: answer.complete,
          })
        })
      },
    )
    sent.once('error', reject)
    sent.end()
  })
}
