import type { Client } from '../client/client.ts'
import type { CursorStore } from '../controllers/notice-fan-out.ts'
import { createNoticeController } from '../controllers/notices.ts'
import type { Controller } from '../controllers/reconcile.ts'
import type { Store } from '../store/store.ts'
import { createNotifier } from '../upstream/index.ts'
import type { NotificationSettings } from './notification-config.ts'

export interface OpenNotices extends AsyncDisposable {
  controller: Controller
}

/** What tells other servers of moves. */
export function openNotices(
  settings: NotificationSettings,
  {
    client,
    store,
    clock,
    extraCAs,
  }: { client: Client; store: Store; clock(): Date; extraCAs: readonly string[] },
): OpenNotices {
  const notifier = createNotifier({ ...settings, extraCAs })
  return {
    controller: createNoticeController({ client, notifier, cursors: createCursorStore(store), now: clock }),
    [Symbol.asyncDispose]: () => notifier[Symbol.asyncDispose](),
  }
}

const cursorKey = 'weir.dev/cursors/notices'

export function createCursorStore(store: Store): CursorStore {
  return {
    async read() {
      const entry = await store.get(cursorKey)
      return entry === undefined ? undefined : JSON.parse(new TextDecoder().decode(entry.value))
    },
    async write(cursor) {
      const value = new TextEncoder().encode(JSON.stringify(cursor))
      await store.commit([{ key: cursorKey, value, expect: 'any' }])
    },
  }
}
