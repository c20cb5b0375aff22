import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { DigestAlgorithm } from '../oci/digest.ts'

export type HashJob =
  | {
      kind: 'write'
      body: number
      algorithm: DigestAlgorithm
      fd: number
      position: number
      parts: readonly Uint8Array<ArrayBuffer>[]
    }
  | { kind: 'digest'; body: number; algorithm: DigestAlgorithm }
  | { kind: 'close'; body: number }

export type HashAnswer =
  | { kind: 'written' }
  | { kind: 'digest'; hex: string }
  | { kind: 'failed'; message: string; code: string | undefined }

/** One body in one of the threads. */
export interface ThreadHash {
  /** Hashes the parts, which must be the whole of their buffers and are lost to the caller, and writes them. In order. */
  write(fd: number, position: number, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<void>
  /** Of everything written so far, in hex; more may follow. */
  digest(): Promise<string>
  close(): void
}

export interface HashThreads extends AsyncDisposable {
  open(algorithm: DigestAlgorithm): ThreadHash
}

/** More of them would only wait for memory. */
const mostThreads = 4

/**
 * Threads that hash, started when there is something for them to do; a body stays with its thread. undefined where the
 * machine has one core: then they would gain nothing.
 */
export function createHashThreads(
  most = Math.min(mostThreads, availableParallelism()),
): HashThreads | undefined {
  if (most < 2) return undefined
  const threads: Thread[] = []
  let last = 0

  function choose(): Thread {
    const idle = threads.find(({ bodies }) => bodies.size === 0)
    if (idle !== undefined) return idle
    if (threads.length < most) {
      const started = startThread((gone) => void threads.splice(threads.indexOf(gone), 1))
      threads.push(started)
      return started
    }
    return threads.reduce((least, each) => (each.bodies.size < least.bodies.size ? each : least))
  }

  return {
    open(algorithm) {
      const thread = choose()
      const body = ++last
      thread.bodies.add(body)
      return {
        async write(fd, position, parts) {
          const job: HashJob = { kind: 'write', body, algorithm, fd, position, parts }
          await thread.ask(
            job,
            parts.map(({ buffer }) => buffer),
          )
        },
        async digest() {
          const answer = await thread.ask({ kind: 'digest', body, algorithm })
          return answer.kind === 'digest' ? answer.hex : ''
        },
        close() {
          if (thread.bodies.delete(body)) thread.tell({ kind: 'close', body })
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.splice(0).map((thread) => thread.stop()))
    },
  }
}

interface Thread {
  readonly bodies: Set<number>
  ask(job: HashJob, transfer?: ArrayBuffer[]): Promise<HashAnswer>
  tell(job: HashJob): void
  stop(): Promise<unknown>
}

interface Waiter {
  resolve(answer: HashAnswer): void
  reject(error: Error): void
}

function startThread(onGone: (thread: Thread) => void): Thread {
  // The same source runs as it stands and, compiled, as JavaScript.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  // Flags of the main program are not the thread's. It holds hashes and what is on its way to the disk: little.
  const worker = new Worker(new URL(`./hash-thread.${extension}`, import.meta.url), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 },
  })
  const waiters: Waiter[] = []
  let failure: Error | undefined

  const fail = (cause: unknown): void => {
    failure ??= new Error('the thread that hashes stopped', { cause })
    for (const { reject } of waiters.splice(0)) reject(failure)
    onGone(thread)
  }
  worker.on('message', (answer: HashAnswer) => {
    const waiter = waiters.shift()
    // An answer that somebody waits for keeps the process alive; an idle thread does not.
    if (waiters.length === 0) worker.unref()
    if (answer.kind === 'failed')
      waiter?.reject(Object.assign(new Error(answer.message), { code: answer.code }))
    else waiter?.resolve(answer)
  })
  worker.on('error', fail)
  worker.on('exit', (code) => fail(new Error(`exit code ${code}`)))
  worker.unref()

  const thread: Thread = {
    bodies: new Set(),
    ask(job, transfer = []) {
      if (failure !== undefined) return Promise.reject(failure)
      return new Promise((resolve, reject) => {
        if (waiters.push({ resolve, reject }) === 1) worker.ref()
        worker.postMessage(job, transfer)
      })
    },
    tell: (job) => worker.postMessage(job),
    stop: () => worker.terminate(),
  }
  return thread
}
