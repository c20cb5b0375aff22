import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { AuditSink } from '../apiserver/audit.ts'
import { StartError } from './start-error.ts'

export interface AuditFileOptions {
  path: string
  /** Bytes after which the file is put aside and a new one begun. */
  maxSize: number
  /** How many that were put aside are kept. */
  maxBackups: number
  clock: () => Date
  /** Called when lines could not be written; how many were lost since the last call. */
  onError(error: unknown, lost: number): void
}

export interface AuditFile extends AuditSink, AsyncDisposable {}

/** Characters that wait at most; a disk that is slower than that loses lines, which is reported, and not the server's memory. */
const maxWaiting = 16 * 1024 * 1024

/**
 * Appends lines to a file for its owner alone. Writing never waits: lines are taken in batches, in order. StartError when the
 * file can't be opened.
 */
export async function openAuditFile(options: AuditFileOptions): Promise<AuditFile> {
  const { path, maxSize, onError } = options
  let current = await openForAppend(path).catch((error: Error) => {
    throw new StartError(`cannot write the audit file ${path}: ${error.message}`)
  })
  let waiting: string[] = []
  let waitingSize = 0
  let lost = 0
  let running: Promise<void> | undefined

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const lines = waiting
      const text = lines.join('')
      waiting = []
      waitingSize = 0
      try {
        if (current.size > 0 && current.size + Buffer.byteLength(text) > maxSize) {
          current = await putAside(current.file, options)
        }
        current.size += (await current.file.write(text)).bytesWritten
        if (lost > 0) onError(new Error('the audit file was too slow'), lost)
        lost = 0
      } catch (error) {
        onError(error, lost + lines.length)
        lost = 0
      }
    }
    running = undefined
  }

  return {
    write(line) {
      if (waitingSize + line.length > maxWaiting) {
        lost++
        return
      }
      waiting.push(line)
      waitingSize += line.length
      running ??= Promise.resolve().then(drain)
    },
    async [Symbol.asyncDispose]() {
      await running
      await current.file.close()
    },
  }
}

interface OpenedFile {
  file: FileHandle
  size: number
}

/** A line that a crash cut short is ended, so that the next one stands alone. */
async function openForAppend(path: string): Promise<OpenedFile> {
  const file = await open(path, 'a+', 0o600)
  const { size } = await file.stat()
  if (size === 0) return { file, size }
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 })
  if (buffer[0] === 0x0a) return { file, size }
  await file.write('\n')
  return { file, size: size + 1 }
}

/** The file gets the time in its name, e.g. `audit-20260506T120000.123Z.log`; the oldest of those beyond the limit go. */
async function putAside(
  file: FileHandle,
  { path, maxBackups, clock }: AuditFileOptions,
): Promise<OpenedFile> {
  await file.close()
  const [, stem = '', extension = ''] = /^(.*?)(\.[^.]*)?$/.exec(basename(path)) ?? []
  const time = clock().toISOString().replace(/[-:]/g, '')
  await rename(path, join(dirname(path), `${stem}-${time}${extension}`))
  const isBackup = (name: string) =>
    name.startsWith(`${stem}-`) && name.endsWith(extension) && /-\d{8}T\d{6}\.\d{3}Z/.test(name)
  const backups = (await readdir(dirname(path))).filter(isBackup).sort()
  for (const name of backups.slice(0, Math.max(backups.length - maxBackups, 0))) {
    await rm(join(dirname(path), name), { force: true })
  }
  return openForAppend(path)
}
