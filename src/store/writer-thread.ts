import { parentPort, workerData } from 'node:worker_threads'
import { connect } from './database.ts'
import { LogWriter } from './log-writer.ts'
import { sqliteCode } from './store-errors.ts'
import type { Answer, Job } from './thread-writer.ts'

/** The thread that waits for the disk, so that the main one need not: one job in, one answer out. */
const log = new LogWriter(connect(String(workerData)))

parentPort?.on('message', (job: Job) => {
  const answer = perform(job)
  parentPort?.postMessage(answer, buffersOf(answer))
  if (job.kind === 'close') parentPort?.close()
  else log.settle()
})

function perform(job: Job): Answer {
  try {
    if (job.kind === 'write') return { kind: 'written', outcomes: log.write(job.commits) }
    if (job.kind === 'sweep') return { kind: 'swept', count: log.sweep(job.compacted, job.limit) }
    if (job.kind === 'reclaim') return { kind: 'swept', count: log.reclaim(job.limit) }
    if (job.kind === 'forget') log.forget(job.revision)
    else log.close()
    return { kind: 'done' }
  } catch (error) {
    return {
      kind: 'failed',
      what: error instanceof Error ? error.message : String(error),
      code: sqliteCode(error),
    }
  }
}

/** Previous values are handed over, not copied: each was read into a buffer of its own. */
function buffersOf(answer: Answer): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = []
  if (answer.kind !== 'written') return buffers
  for (const outcome of answer.outcomes) {
    if (outcome.kind !== 'committed') continue
    for (const effect of outcome.effects) {
      if (effect?.previous?.buffer instanceof ArrayBuffer) buffers.push(effect.previous.buffer)
    }
  }
  return buffers
}
