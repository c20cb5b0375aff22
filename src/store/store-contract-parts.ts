import type { Change, Key, Store, StoreEvent } from './store.ts'

/** What the parts of the contract, and the tests of an engine beside it, say often. */

export const bytes = (text: string) => new TextEncoder().encode(text)

export const text = (value: Uint8Array | undefined) =>
  value === undefined ? undefined : new TextDecoder().decode(value)

export const put = (key: Key, value: string, expect: Change['expect'] = 'any'): Change => ({
  key,
  value: bytes(value),
  expect,
})

export const remove = (key: Key, expect: Change['expect'] = 'any'): Change => ({
  key,
  value: undefined,
  expect,
})

/** The keys of a list and what they hold, in its order. */
export async function contents(store: Store, prefix = '', revision?: number): Promise<string[]> {
  const page = revision === undefined ? {} : { revision }
  const { entries } = await store.list(prefix, page)
  return entries.map(({ key, value }) => `${key}=${text(value)}`)
}

/** One line an event: `+key=new(old)@revision` or `-key(old)@revision`. */
export function line({ type, key, value, previous, revision }: StoreEvent): string {
  const old = previous === undefined ? '' : `(${text(previous)})`
  return type === 'put' ? `+${key}=${text(value)}${old}@${revision}` : `-${key}${old}@${revision}`
}

/** The first so many events of a watch, which then ends. */
export async function take(store: Store, prefix: Key, after: number, count: number): Promise<StoreEvent[]> {
  const abort = new AbortController()
  const events: StoreEvent[] = []
  if (count === 0) return events
  for await (const event of store.watch(prefix, after, { signal: abort.signal })) {
    events.push(event)
    if (events.length === count) break
  }
  abort.abort()
  return events
}
