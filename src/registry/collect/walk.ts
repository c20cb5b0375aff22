import { giveBack } from '../../machinery/index.ts'
import type { Entry, Key, Store } from '../../store/index.ts'
import type { Breathe } from './pacer.ts'

const pageSize = 50

/**
 * Entries under the prefix, page by page, so at no one revision: what is there throughout the walk is met, what comes or
 * goes meanwhile may be. A value is there until the next entry is asked for.
 */
export async function* walk(
  store: Pick<Store, 'list'>,
  prefix: Key,
  breathe: Breathe,
): AsyncGenerator<Entry> {
  for (let after: Key | undefined; ; ) {
    const { entries } = await store.list(prefix, {
      limit: pageSize,
      remaining: 'any',
      ...(after === undefined ? {} : { after }),
    })
    for (const entry of entries) {
      yield entry
      giveBack(entry.value)
      await breathe()
    }
    after = entries.at(-1)?.key
    if (entries.length < pageSize || after === undefined) return
  }
}
