import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes what happened to the entries of folders durable, one fsync serving all who wait for the same folder. */
export interface FolderSync {
  /** Resolves once every change made to the folder before the call is durable. */
  sync(folder: string): Promise<void>
  /** Makes the entry of a folder in its parent durable; asked for again, it is known to be. For folders that are never removed. */
  syncEntry(folder: string): Promise<void>
  /** Makes the folder and its parents; each new one is durable when it resolves. */
  ensure(folder: string): Promise<void>
}

async function fsyncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export function createFolderSync(): FolderSync {
  const running = new Map<string, Promise<void>>()
  const queued = new Map<string, Promise<void>>()
  const lasting = new Set<string>()

  function start(folder: string): Promise<void> {
    const work = fsyncFolder(folder).finally(() => running.delete(folder))
    running.set(folder, work)
    return work
  }

  /** An fsync under way may have begun before the caller's change; the one after it has not. */
  function sync(folder: string): Promise<void> {
    const current = running.get(folder)
    if (current === undefined) return start(folder)
    const next = queued.get(folder)
    if (next !== undefined) return next
    const work = current
      .catch(() => undefined)
      .then(() => {
        queued.delete(folder)
        return start(folder)
      })
    queued.set(folder, work)
    return work
  }

  async function syncEntry(folder: string): Promise<void> {
    if (lasting.has(folder)) return
    await sync(dirname(folder))
    lasting.add(folder)
  }

  async function ensure(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true })
    if (first === undefined) return
    for (let made = folder; ; made = dirname(made)) {
      await sync(dirname(made))
      if (made === first) return
    }
  }

  return { sync, syncEntry, ensure }
}
