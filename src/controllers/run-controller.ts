import { setTimeout as sleep } from 'node:timers/promises'
import { createBreath } from './breath.ts'
import { createQueue, type Queue } from './queue.ts'
import { type Controller, type KeySource, TerminalError } from './reconcile.ts'

export interface ControllerLog {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Runs until the signal aborts and the work in hand is over. */
export async function runController(
  controller: Controller,
  signal: AbortSignal,
  log: ControllerLog,
): Promise<void> {
  const queue = createQueue(controller.maxBackoff === undefined ? {} : { maxBackoff: controller.maxBackoff })
  signal.addEventListener('abort', () => queue.close(), { once: true })
  if (signal.aborted) queue.close()
  const feeds = controller.sources.map((source) => feed(source, queue, controller.name, signal, log))
  const breath = createBreath()
  const workers = Array.from({ length: controller.concurrency }, () =>
    work(controller, queue, breath, signal, log),
  )
  await Promise.all([...feeds, ...workers])
}

/** A source that breaks starts again: keys carry no state, so nothing is lost by hearing of them twice. */
async function feed(
  source: KeySource,
  queue: Queue,
  name: string,
  signal: AbortSignal,
  log: ControllerLog,
): Promise<void> {
  for (let delay = 100; !signal.aborted; delay = Math.min(delay * 2, 10_000)) {
    try {
      for await (const found of source(signal)) {
        if (typeof found === 'string') queue.add(found)
        else queue.addPatient(found.key)
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ controller: name, err: error }, 'source broke; starting it again')
    }
    if (!signal.aborted) await sleep(delay, undefined, { signal, ref: false }).catch(() => {})
  }
}

async function work(
  { name, reconcile }: Controller,
  queue: Queue,
  breath: () => Promise<void>,
  signal: AbortSignal,
  log: ControllerLog,
): Promise<void> {
  for (;;) {
    await breath()
    const key = await queue.take()
    if (key === undefined) return
    try {
      const verdict = await reconcile(key, signal)
      queue.forget(key)
      if (verdict.kind === 'again') {
        log.debug({ controller: name, key, after: verdict.after, why: verdict.why }, 'will look again')
        queue.addAfter(key, verdict.after)
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof TerminalError) {
        queue.forget(key)
        log.error({ controller: name, key, err: error }, 'gave up')
      } else {
        log.warn({ controller: name, key, err: error }, 'failed; will try again')
        queue.retry(key)
      }
    } finally {
      queue.done(key)
    }
  }
}
