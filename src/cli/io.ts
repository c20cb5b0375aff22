import type { Readable } from 'node:stream'
import type { Transport, TransportOptions } from '../client/index.ts'

/** Everything outside that a command touches. Tests pass their own. */

export interface Output {
  write(text: string): void
  /** Resolves when the reader has caught up; undefined where it has. What writes much waits for it: else all of it piles up here. */
  taken?(): Promise<void> | undefined
  readonly isTty: boolean
}

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths on the command line start here. */
  readonly cwd: string
  readonly stdin: Readable & { isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
  now(): Date
  /** How the API server is reached; tests may answer themselves. */
  connect(options: TransportOptions): Transport
  /** Ends what never ends by itself, such as a watch. */
  readonly signal: AbortSignal
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** Text from elsewhere must not drive the terminal: control characters but tab and newline become visible. */
export function visible(text: string): string {
  return text.replace(control, (c) => {
    const code = c.charCodeAt(0)
    return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

export async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
