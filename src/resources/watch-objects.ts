import type { WatchEvent, WatchOptions } from '../client/client.ts'
import { ApiError } from '../machinery/errors.ts'
import { toBookmark, tooOldRevision } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { CompactedError, SlowWatcherError, type StoreEvent } from '../store/store.ts'
import { scopePrefix } from './keys.ts'
import { listPages, type PagesDeps } from './list-pages.ts'
import { parseRevision, tooLargeRevision } from './list-start.ts'
import { type Selection, selectionOf } from './select.ts'
import type { Shower, Shown } from './shown.ts'

/** How often a watcher that asked for bookmarks gets one, at most. */
const bookmarkEvery = 60_000

export interface WatchDeps extends PagesDeps {
  shower: Shower
}

/** An event whose object is decoded, or its JSON made, only when somebody asks for it. */
export interface ShownEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
  /** The same for all who watch. */
  readonly shown: Shown
}

function shownEvent(type: ShownEvent['type'], shown: Shown): ShownEvent {
  return {
    type,
    shown,
    get object() {
      return shown.object
    },
  }
}

/**
 * Events of one kind (Kubernetes API concepts, "Efficient detection of changes"; image-api.md §16). Events of a
 * selection are those of objects that match before or after: one that starts to match is ADDED, one that stops is DELETED.
 */
export async function watchObjects(
  kind: Kind,
  namespace: string,
  options: WatchOptions,
  deps: WatchDeps,
): Promise<AsyncIterable<WatchEvent>> {
  const selection = selectionOf(kind, options)
  const asked = options.resourceVersion ?? ''
  const from = asked === '' || asked === '0' ? undefined : parseRevision(asked)
  const newest = deps.store.revision()
  if (from !== undefined && from > newest) throw tooLargeRevision(from, newest)
  const initial = options.sendInitialEvents ?? from === undefined
  const signal = endOf(options)
  return initial
    ? withInitialEvents(kind, namespace, selection, options, signal, deps)
    : follow(kind, namespace, selection, from ?? newest, options, signal, deps)
}

function endOf(options: WatchOptions): AbortSignal {
  const signals: AbortSignal[] = []
  if (options.signal !== undefined) signals.push(options.signal)
  if (options.timeoutSeconds !== undefined && options.timeoutSeconds > 0) {
    signals.push(AbortSignal.timeout(options.timeoutSeconds * 1000))
  }
  return signals.length === 1 ? (signals[0] as AbortSignal) : AbortSignal.any(signals)
}

async function* withInitialEvents(
  kind: Kind,
  namespace: string,
  selection: Selection,
  options: WatchOptions,
  signal: AbortSignal,
  deps: WatchDeps,
): AsyncGenerator<WatchEvent> {
  const { labelSelector, fieldSelector } = options
  const { metadata, pages } = await listPages(kind, namespace, { labelSelector, fieldSelector }, deps)
  for await (const entries of pages) {
    for (const entry of entries) {
      if (signal.aborted) return
      yield shownEvent('ADDED', deps.shower.answer(entry))
    }
  }
  const revision = Number(metadata.resourceVersion)
  if (options.sendInitialEvents && options.allowWatchBookmarks)
    yield { type: 'BOOKMARK', object: toBookmark(kind, revision, { endsInitialEvents: true }) }
  yield* follow(kind, namespace, selection, revision, options, signal, deps)
}

async function* follow(
  kind: Kind,
  namespace: string,
  selection: Selection,
  from: number,
  options: WatchOptions,
  signal: AbortSignal,
  deps: WatchDeps,
): AsyncGenerator<WatchEvent> {
  const { store } = deps
  let marked = Date.now()
  let reached = from
  const onProgress = (revision: number) => {
    reached = revision
  }
  const canWait = options.canWait ?? false
  const all = store.watch(scopePrefix(kind, namespace), from, { signal, onProgress, canWait })
  // A generator less for each event, where nobody asked for bookmarks.
  const events = options.allowWatchBookmarks ? withTicks(all, bookmarkEvery, signal) : all
  try {
    for await (const event of events) {
      if (event === 'tick') {
        if (Date.now() - marked < bookmarkEvery) continue
        marked = Date.now()
        yield { type: 'BOOKMARK', object: toBookmark(kind, reached) }
        continue
      }
      reached = event.revision
      const told = toWatchEvent(event, selection, deps)
      if (told !== undefined) yield told
    }
  } catch (error) {
    throw toWatchError(error)
  }
}

/** The store's events, with a tick in between when there were none for a while. */
async function* withTicks(
  all: AsyncIterable<StoreEvent>,
  every: number,
  signal: AbortSignal,
): AsyncGenerator<StoreEvent | 'tick'> {
  const events = all[Symbol.asyncIterator]()
  let next: Promise<IteratorResult<StoreEvent>> | undefined
  let tick: Promise<'tick'> | undefined
  try {
    for (;;) {
      next ??= events.next()
      tick ??= tickAfter(every, signal)
      const result = await Promise.race([next, tick])
      if (result === 'tick') {
        tick = undefined
        if (signal.aborted) return
        yield 'tick'
        continue
      }
      next = undefined
      if (result.done) return
      yield result.value
    }
  } finally {
    await events.return?.()
  }
}

function tickAfter(ms: number, signal: AbortSignal): Promise<'tick'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', done)
      resolve('tick')
    }, ms)
    const done = () => {
      clearTimeout(timer)
      resolve('tick')
    }
    timer.unref()
    signal.addEventListener('abort', done, { once: true })
  })
}

function toWatchEvent(
  event: StoreEvent,
  selection: Selection,
  { cache, shower }: WatchDeps,
): WatchEvent | undefined {
  const matches = (
    stored: Uint8Array | undefined,
    decode: (event: StoreEvent) => KubeObject | undefined,
  ): boolean => {
    if (stored !== undefined && !selection.mayMatch(stored)) return false
    const object = decode(event)
    return object !== undefined && selection.matches(object)
  }
  const { everything } = selection
  const isNow = event.type === 'put' && (everything || matches(event.value, cache.decodeEvent))
  const wasBefore =
    event.previous !== undefined && (everything || matches(event.previous, cache.decodePrevious))
  if (isNow) return shownEvent(wasBefore ? 'MODIFIED' : 'ADDED', shower.event(event))
  // The last state that matched, at the revision that ended it.
  return wasBefore ? shownEvent('DELETED', shower.lastState(event)) : undefined
}

function toWatchError(error: unknown): unknown {
  if (error instanceof CompactedError) {
    return tooOldRevision(error.asked, error.oldest)
  }
  if (error instanceof SlowWatcherError) {
    return new ApiError(410, 'Expired', 'the watcher fell behind; list and watch again', { cause: error })
  }
  return error
}
