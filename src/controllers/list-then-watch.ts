import type { Client, WatchEvent } from '../client/client.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { createBreath } from './breath.ts'

/** Something that is there, or that has happened to it since. */
export type Found<T extends KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T; isInitial: boolean }
  /** All that was there has been told. */
  | { type: 'SYNCED' }

const page = 500

/**
 * Everything of the kind, page by page, then what follows. Others get their turn in between, however much there is. Rejects when the
 * watch breaks: what was missed then comes with starting again.
 */
export async function* listThenWatch<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  signal: AbortSignal,
): AsyncGenerator<Found<T>> {
  const breath = createBreath()
  let next: string | undefined
  let resourceVersion: string | undefined
  do {
    const list = await client.list(kind, '', {
      limit: page,
      ...(next === undefined ? {} : { continue: next }),
    })
    resourceVersion = list.metadata.resourceVersion
    for (const object of list.items) {
      await breath()
      if (signal.aborted) return
      yield { type: 'ADDED', object, isInitial: true }
    }
    next = list.metadata.continue
  } while (next !== undefined && next !== '')
  yield { type: 'SYNCED' }
  const options = { signal, canWait: true, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
  for await (const event of client.watch(kind, '', options)) yield* toFound(event)
}

function* toFound<T extends KubeObject>(event: WatchEvent<T>): Generator<Found<T>> {
  if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended')
  if (event.type !== 'BOOKMARK') yield { type: event.type, object: event.object, isInitial: false }
}
