import { createHash, type Hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import type { HashAnswer, HashJob } from './hash-threads.ts'
import { writePartsSync } from './write-parts.ts'

/** A thread that hashes bodies and writes them into their files: jobs are answered in their order. */

interface Body {
  hash: Hash
  /** Bytes could not be written: nothing after them may be, or the file would have a hole. */
  failure?: HashAnswer
}

const bodies = new Map<number, Body>()

parentPort?.on('message', (job: HashJob) => {
  if (job.kind === 'close') bodies.delete(job.body)
  else parentPort?.postMessage(perform(job))
})

function perform(job: Exclude<HashJob, { kind: 'close' }>): HashAnswer {
  const body = bodies.get(job.body) ?? { hash: createHash(job.algorithm) }
  bodies.set(job.body, body)
  if (job.kind === 'digest') return { kind: 'digest', hex: body.hash.copy().digest('hex') }
  try {
    if (body.failure !== undefined) return body.failure
    for (const part of job.parts) body.hash.update(part)
    writePartsSync(job.fd, job.parts, job.position)
    return { kind: 'written' }
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    body.failure = { kind: 'failed', message, code }
    return body.failure
  } finally {
    // Left to the garbage collector, memory outside of the heap costs a full collection every now and then.
    for (const { buffer } of job.parts) buffer.transfer(0)
  }
}
