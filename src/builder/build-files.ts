import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BuildLogWriter, openBuildLog } from './build-log.ts'

/** What builds have on the disk besides their objects: their logs, and what was uploaded for them. By the uid of the Build. */
export interface BuildFiles {
  openLog(uid: string, secrets: readonly string[]): Promise<BuildLogWriter>
  /** The log in pieces. With `follow` it goes on until the build is over; '' pieces never come. */
  readLog(uid: string, options: { follow: boolean; signal: AbortSignal }): AsyncIterable<Buffer>
  /** Whether somebody is writing the log. */
  isOpen(uid: string): boolean
  /** Keeps an upload under a name of its own until `claim` gives it to a Build; UploadTooLarge beyond the limit. */
  receive(body: Readable): Promise<Upload>
  /** Makes a Build and gives it its upload; nobody looks for uploads while that goes on. */
  handOver<T>(work: () => Promise<T>): Promise<T>
  /** Where the build's upload is, or would be. */
  uploadOf(uid: string): Promise<string>
  /** Of a build that is over. */
  dropUpload(uid: string): Promise<void>
  remove(uid: string): Promise<void>
  /** Removes what belongs to none of these. */
  sweep(isKnown: (uid: string) => boolean): Promise<void>
}

export interface Upload extends AsyncDisposable {
  claim(uid: string): Promise<void>
}

export class UploadTooLarge extends Error {
  override readonly name = 'UploadTooLarge'
}

export interface BuildFilesOptions {
  dir: string
  /** Bytes. */
  logLimit: number
  uploadLimit: number
}

const pieceSize = 64 * 1024
/** Milliseconds between looks at a log that grows. */
const pollEvery = 150
const logSuffix = '.log'
const uploadSuffix = '.upload'

/** Makes the folder. Nobody else may write to it. */
export async function openBuildFiles({ dir, logLimit, uploadLimit }: BuildFilesOptions): Promise<BuildFiles> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const logs = new Set<string>()
  const handing = new Set<Promise<void>>()
  let received = 0
  const pathOf = (uid: string, suffix: string) => {
    if (!/^[\w-]+$/.test(uid)) throw new Error('a build has no uid')
    return join(dir, `${uid}${suffix}`)
  }
  return {
    async openLog(uid, secrets) {
      const log = await openBuildLog(pathOf(uid, logSuffix), { limit: logLimit, secrets })
      logs.add(uid)
      return {
        ...log,
        async close() {
          await log.close()
          logs.delete(uid)
        },
      }
    },
    readLog: (uid, { follow, signal }) =>
      readGrowing(pathOf(uid, logSuffix), () => follow && logs.has(uid), signal),
    isOpen: (uid) => logs.has(uid),
    async receive(body) {
      const path = join(dir, `received-${process.pid}-${received++}${uploadSuffix}`)
      let isKept = false
      const drop = async () => {
        if (!isKept) await rm(path, { force: true })
      }
      try {
        await pipeline(body, limited(uploadLimit), createWriteStream(path, { flags: 'wx', mode: 0o600 }))
      } catch (error) {
        await drop()
        throw error
      }
      return {
        async claim(uid) {
          await rename(path, pathOf(uid, uploadSuffix))
          isKept = true
        },
        [Symbol.asyncDispose]: drop,
      }
    },
    handOver(work) {
      const done = work()
      const quiet = done.then(
        () => void handing.delete(quiet),
        () => void handing.delete(quiet),
      )
      handing.add(quiet)
      return done
    },
    async uploadOf(uid) {
      await Promise.all(handing)
      return pathOf(uid, uploadSuffix)
    },
    dropUpload: (uid) => rm(pathOf(uid, uploadSuffix), { force: true }),
    async remove(uid) {
      for (const suffix of [logSuffix, uploadSuffix]) await rm(pathOf(uid, suffix), { force: true })
    },
    async sweep(isKnown) {
      for (const name of await readdir(dir)) {
        const uid = name.replace(/\.(log|upload)$/, '')
        if (!isKnown(uid)) await rm(join(dir, name), { recursive: true, force: true })
      }
    },
  }
}

function limited(limit: number) {
  return async function* (source: AsyncIterable<Buffer>) {
    let size = 0
    for await (const chunk of source) {
      size += chunk.length
      if (size > limit) throw new UploadTooLarge(`the upload is larger than ${limit} bytes`)
      yield chunk
    }
  }
}

async function* readGrowing(
  path: string,
  isGrowing: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (file === undefined) return
  try {
    for (;;) {
      // Asked before the read: what is written in between is seen by the read.
      const mayGrow = isGrowing()
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(pieceSize) })
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead)
      else if (mayGrow && !signal.aborted) await sleep(pollEvery, undefined, { signal }).catch(() => {})
      else return
    }
  } finally {
    await file.close()
  }
}
