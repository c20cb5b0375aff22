import { once } from 'node:events'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { SeenChange } from './commit-queue.ts'
import type { Outcome } from './log-writer.ts'
import type { Change, Revision } from './store.ts'
import { StoreFailedError } from './store-errors.ts'
import { toFailedError, type Writer } from './writer.ts'

/** A change as it is sent; `isSeen`: what it replaces is known here and need not come back. */
export interface SentChange extends Change {
  isSeen: boolean
}

const toSent = ({ key, value, expect, seen }: SeenChange): SentChange => ({
  key,
  value,
  expect,
  isSeen: seen !== undefined,
})

export type Job =
  | { kind: 'write'; commits: readonly (readonly SentChange[])[] }
  | { kind: 'forget'; revision: Revision }
  | { kind: 'sweep'; compacted: Revision; limit: number }
  | { kind: 'reclaim'; limit: number }
  | { kind: 'close' }

export type Answer =
  | { kind: 'written'; outcomes: Outcome[] }
  | { kind: 'swept'; count: number }
  | { kind: 'done' }
  | { kind: 'failed'; what: string; code: number | undefined }

export interface ThreadData {
  file: string
  /** Jobs come and answers go here: unlike the thread's own, this port can be read from without waiting. */
  port: MessagePort
}

interface Waiter {
  take(answer: Answer): void
  reject(error: Error): void
}

/**
 * Milliseconds for which the answer to a write is looked out for between other work, without sleeping: to be woken takes a good part
 * of what a quick disk takes to write (docs/decisions/053). Where the last write took longer, nothing is looked out for.
 */
const lookoutFor = 1.5

/** Runs the transactions in a thread of its own, so that a sync never holds up the event loop. */
export function createThreadWriter(file: string): Writer {
  // The same source runs as it stands and, compiled, as JavaScript.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const thread = new URL(`./writer-thread.${extension}`, import.meta.url)
  // Flags of the main program, such as --input-type, are not the thread's and may keep it from starting.
  const { port1: port, port2: theirs } = new MessageChannel()
  const workerData: ThreadData = { file, port: theirs }
  const worker = new Worker(thread, { workerData, transferList: [theirs], execArgv: [] })
  let waiter: Waiter | undefined
  let failure: Error | undefined

  const fail = (cause: unknown) => {
    failure ??= new StoreFailedError('its thread stopped', true, { cause })
    waiter?.reject(failure)
    waiter = undefined
  }
  const take = (answer: Answer) => {
    const asked = waiter
    waiter = undefined
    worker.unref()
    asked?.take(answer)
  }
  port.on('message', take)
  port.unref()
  const poll = () => {
    const received = waiter === undefined ? undefined : receiveMessageOnPort(port)
    if (received !== undefined) take(received.message as Answer)
  }
  let isQuick = true
  const lookOut = (since: number) => {
    poll()
    const isLate = performance.now() - since > lookoutFor
    if (waiter !== undefined && !isLate) setImmediate(lookOut, since)
  }
  worker.on('error', fail)
  worker.on('exit', (code) => {
    // Its last words may still be on their way.
    poll()
    fail(new Error(`exit code ${code}`))
  })
  worker.unref()

  /** `onAnswer` is called at once when there is one, before what waits for it goes on. */
  const ask = async (job: Job, onAnswer?: (answer: Answer) => void): Promise<Answer> => {
    if (failure !== undefined) throw failure
    const answer = await new Promise<Answer>((resolve, reject) => {
      const hear = (heard: Answer) => {
        try {
          onAnswer?.(heard)
          resolve(heard)
        } catch (error) {
          reject(error as Error)
        }
      }
      waiter = { take: hear, reject }
      // An answer that somebody waits for keeps the process alive; an idle store does not.
      worker.ref()
      port.postMessage(job)
    })
    if (answer.kind === 'failed') throw toFailedError(answer.what, answer.code)
    return answer
  }

  return {
    async write(commits, onWritten) {
      const job: Job = { kind: 'write', commits: commits.map((changes) => changes.map(toSent)) }
      const since = performance.now()
      if (isQuick) setImmediate(lookOut, since)
      await ask(job, (answer) => {
        isQuick = performance.now() - since <= lookoutFor
        if (answer.kind === 'written') onWritten(answer.outcomes)
      })
    },
    poll,
    async forget(revision) {
      await ask({ kind: 'forget', revision })
    },
    async sweep(compacted, limit) {
      const answer = await ask({ kind: 'sweep', compacted, limit })
      return answer.kind === 'swept' ? answer.count : 0
    },
    async reclaim(limit) {
      const answer = await ask({ kind: 'reclaim', limit })
      return answer.kind === 'swept' ? answer.count : 0
    },
    async close() {
      const gone = once(worker, 'exit')
      await ask({ kind: 'close' })
      worker.ref()
      await gone
    },
  }
}
