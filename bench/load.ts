import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Job, JobReply, JobResult } from './load-job.ts'

/** The load generator, in a process of its own; one job at a time. */
export interface Load extends AsyncDisposable {
  run(job: Job): Promise<JobResult>
}

export function openLoad(): Load {
  const child = fork(join(import.meta.dirname, 'load-child.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  const crashed = ended.then((): JobReply => ({ error: 'the load generator ended' }))
  return {
    async run(job) {
      const answered = new AbortController()
      const message = once(child, 'message', { signal: answered.signal }).then(([reply]) => reply as JobReply)
      child.send(job)
      const reply = await Promise.race([message, crashed])
      if ('result' in reply) return reply.result
      message.catch(() => undefined)
      answered.abort()
      throw new Error(`${job.kind}: ${reply.error}`)
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
