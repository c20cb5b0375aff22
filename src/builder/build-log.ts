import { open } from 'node:fs/promises'

/** Where the output of a build goes: a file of bounded size. */
export interface BuildLogWriter {
  write(text: string | Buffer): void
  /** Resolves once everything is in the file. */
  close(): Promise<void>
  /** The last lines, for the build's status. */
  tail(lines: number): string
}

export interface BuildLogOptions {
  /** Bytes; what comes after is left out, and a line says so. */
  limit: number
  /** Texts that are written as `***`. */
  secrets: readonly string[]
}

/** Shorter ones would turn up everywhere. */
const shortestSecret = 4
/** A line is written at this length, end or not. */
const longestLine = 64 * 1024
const keptForTail = 8 * 1024

/** Lines go to the file whole, so that a secret is found however its bytes arrive. */
export async function openBuildLog(
  file: string,
  { limit, secrets }: BuildLogOptions,
): Promise<BuildLogWriter> {
  const handle = await open(file, 'w', 0o600)
  const hidden = hiddenTexts(secrets)
  const decoder = new TextDecoder()
  let pending = ''
  let recent = ''
  let room = limit
  let last: Promise<unknown> = Promise.resolve()

  const put = (text: string) => {
    if (text === '' || room <= 0) return
    const bytes = Buffer.from(hide(text, hidden))
    recent = (recent + bytes.toString('utf8')).slice(-keptForTail)
    const fits = bytes.length <= room
    room -= bytes.length
    const written = fits
      ? bytes
      : Buffer.from(`... the log is longer than ${limit} bytes, the rest is left out\n`)
    last = last.then(() => handle.appendFile(written)).catch(() => {})
  }

  return {
    write(chunk) {
      pending += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
      const end = pending.lastIndexOf('\n') + 1
      if (end === 0 && pending.length < longestLine) return
      const cut = end === 0 ? pending.length : end
      put(pending.slice(0, cut))
      pending = pending.slice(cut)
    },
    async close() {
      put(pending)
      pending = ''
      await last
      await handle.close()
    },
    tail: (lines) => recent.trimEnd().split('\n').slice(-lines).join('\n'),
  }
}

/** Secrets line by line, longest first: a part of one must not be hidden before the whole. */
function hiddenTexts(secrets: readonly string[]): string[] {
  const lines = secrets.flatMap((secret) => secret.split(/\r?\n/).map((line) => line.trim()))
  // As a Dockerfile has them, too.
  const escaped = lines.map((line) => line.replace(/[\\"$]/g, '\\$&'))
  return [...new Set([...lines, ...escaped])]
    .filter((line) => line.length >= shortestSecret)
    .sort((a, b) => b.length - a.length)
}

function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
}
