import type { WatchEvent, WatchOptions } from '../client/client.ts'
import { ApiError } from '../machinery/errors.ts'
import { toBookmark, tooOldRevision } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { CompactedError, SlowWatcherError, type Store, type StoreEvent } from '../store/store.ts'
import { scopePrefix } from './keys.ts'
import { listObjects, parseRevision, tooLargeRevision } from './list-objects.ts'
import { type ObjectCache, withTypeMeta } from './object-codec.ts'
import { type Selection, selectionOf } from './select.ts'

/** How often a watcher that asked for bookmarks gets one, at most. */
const bookmarkEvery = 60_000

export interface WatchDeps {
  store: Store
  cache: ObjectCache
  decorate?(object: KubeObject): KubeObject
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
  const list = await listObjects(
    kind,
    namespace,
    { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector },
    deps,
  )
  const show = shower(kind, deps)
  for (const object of list.items) yield { type: 'ADDED', object: show(object) }
  const revision = Number(list.metadata.resourceVersion)
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
  const { store, cache } = deps
  const show = shower(kind, deps)
  let marked = Date.now()
  let reached = from
  const wake = options.allowWatchBookmarks ? bookmarkEvery : undefined
  try {
    for await (const event of withTicks(store, scopePrefix(kind, namespace), from, signal, wake, (r) => {
      reached = r
    })) {
      if (event === 'tick') {
        if (Date.now() - marked < bookmarkEvery) continue
        marked = Date.now()
        yield { type: 'BOOKMARK', object: toBookmark(kind, reached) }
        continue
      }
      reached = event.revision
      const told = toWatchEvent(event, selection, cache, show)
      if (told !== undefined) yield told
    }
  } catch (error) {
    throw toWatchError(error)
  }
}

/** The store's events, with a tick in between when there were none for a while. */
async function* withTicks(
  store: Store,
  prefix: string,
  from: number,
  signal: AbortSignal,
  every: number | undefined,
  onProgress: (revision: number) => void,
): AsyncGenerator<StoreEvent | 'tick'> {
  const events = store.watch(prefix, from, { signal, onProgress })[Symbol.asyncIterator]()
  let next: Promise<IteratorResult<StoreEvent>> | undefined
  let tick: Promise<'tick'> | undefined
  try {
    for (;;) {
      next ??= events.next()
      if (every !== undefined) tick ??= tickAfter(every, signal)
      const result = await (tick === undefined ? next : Promise.race([next, tick]))
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

/** An object as the watcher sees it: one object for all who watch, so that it is encoded once (watch-stream.ts). */
function shower(
  kind: Kind,
  { decorate = (object) => object }: WatchDeps,
): (object: KubeObject) => KubeObject {
  return (object) => {
    const known = shown.get(object)
    if (known !== undefined) return known
    const made = withTypeMeta(kind, decorate(object))
    shown.set(object, made)
    return made
  }
}

const shown = new WeakMap<KubeObject, KubeObject>()

function toWatchEvent(
  event: StoreEvent,
  selection: Selection,
  cache: ObjectCache,
  show: (object: KubeObject) => KubeObject,
): WatchEvent | undefined {
  const object = cache.decodeEvent(event)
  const isNow = event.type === 'put' && (selection.everything || selection.matches(object))
  const before = cache.decodePrevious(event)
  const wasBefore = before !== undefined && (selection.everything || selection.matches(before))
  if (isNow) return { type: wasBefore ? 'MODIFIED' : 'ADDED', object: show(object) }
  if (!wasBefore) return undefined
  // The last state that matched, at the revision that ended it.
  return { type: 'DELETED', object: show(event.type === 'delete' ? object : before) }
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
