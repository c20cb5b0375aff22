import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { parseHtpasswd } from './htpasswd.ts'

/** Milliseconds after which a change of the file is noticed, at the latest. */
const interval = 1000

/**
 * The users of a file, read anew when it changes, until the signal aborts. A version that is wrong or unreadable is told to
 * `onError`, and the one before stays in force. Throws HtpasswdError or the system's error for the first.
 */
export function openHtpasswdFile(
  path: string,
  { signal, onError }: { signal: AbortSignal; onError(error: unknown): void },
): () => ReadonlyMap<string, string> {
  const read = () => parseHtpasswd(readFileSync(path, 'utf8'), path)
  let hashes = read()
  const reread = () => {
    try {
      hashes = read()
    } catch (error) {
      onError(error)
    }
  }
  if (!signal.aborted) {
    watchFile(path, { interval, persistent: false }, reread)
    signal.addEventListener('abort', () => unwatchFile(path, reread), { once: true })
  }
  return () => hashes
}
