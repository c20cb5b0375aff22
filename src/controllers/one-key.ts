import { once } from 'node:events'
import type { KeySource } from './reconcile.ts'

/** For work that is one thing, done by the clock. A source that ends is started again: this one waits when it has spoken. */
export const oneKey: KeySource = async function* (signal) {
  yield 'all'
  if (!signal.aborted) await once(signal, 'abort')
}
