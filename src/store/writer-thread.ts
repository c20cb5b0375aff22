import { workerData } from 'node:worker_threads'
import { connect } from './database.ts'
import { LogWriter, type Outcome } from './log-writer.ts'
import { sqliteCode } from './store-errors.ts'
import type { Answer, Job, ThreadData } from './thread-writer.ts'

/** The thread that waits for the disk, so that the main one need not: one job in, one answer out. */
const { file, port } = workerData as ThreadData
const log = new LogWriter(connect(file))

port.on('message', (job: Job) => {
  const answer = perform(job)
  port.postMessage(answer, buffersOf(answer))
  if (job.kind === 'close') port.close()
  else log.settle()
})

function perform(job: Job): Answer {
  try {
    if (job.kind === 'write') return { kind: 'written', outcomes: withoutSeen(log.write(job.commits), job) }
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

const seen = new Uint8Array()

/** What the other side knows already does not go back: an empty value says that there was one. */
function withoutSeen(outcomes: Outcome[], { commits }: Job & { kind: 'write' }): Outcome[] {
  return outcomes.map((outcome, place) =>
    outcome.kind === 'conflict'
      ? outcome
      : {
          ...outcome,
          effects: outcome.effects.map((effect, at) =>
            effect?.previous !== undefined && commits[place]?.[at]?.isSeen
              ? { ...effect, previous: seen }
              : effect,
          ),
        },
  )
}

/** Previous values are handed over, not copied: each was read into a buffer of its own. */
function buffersOf(answer: Answer): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = []
  if (answer.kind !== 'written') return buffers
  for (const outcome of answer.outcomes) {
    if (outcome.kind !== 'committed') continue
    for (const effect of outcome.effects) {
      if (effect?.previous !== seen && effect?.previous?.buffer instanceof ArrayBuffer)
        buffers.push(effect.previous.buffer)
    }
  }
  return buffers
}
