import type { ListOptions } from '../client/client.ts'
import { ApiError, badRequest, expired } from '../machinery/errors.ts'
import { expiredContinueToken, formatContinueToken, parseContinueToken } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeList, KubeObject } from '../machinery/object.ts'
import { CompactedError, type Entry, FutureRevisionError, type Store } from '../store/store.ts'
import { objectKey, scopePrefix } from './keys.ts'
import type { ObjectCache } from './object-codec.ts'
import { type Selection, selectionOf } from './select.ts'

/** How many entries one read of the store brings while a selector looks for matches. */
const readAhead = 500

/**
 * A consistent list (Kubernetes API concepts, "Retrieving large results sets in chunks"). With a selector `limit` counts
 * matches; `remainingItemCount` is then left out, as the real server does.
 */
export async function listObjects(
  kind: Kind,
  namespace: string,
  options: ListOptions,
  deps: { store: Store; cache: ObjectCache },
): Promise<KubeList> {
  const selection = selectionOf(kind, options)
  const prefix = scopePrefix(kind, namespace)
  const start = startOf(options, prefix)
  // resourceVersion=0 is served "from the cache": everything at once (image-api.md §16).
  const limit = options.resourceVersion === '0' ? undefined : options.limit || undefined
  try {
    if (selection.name !== undefined && (namespace !== '' || !kind.namespaced)) {
      return await listOne(kind, namespace, selection, start.revision, deps)
    }
    return await listPage(prefix, selection, limit, start, deps)
  } catch (error) {
    throw toListError(error, options)
  }
}

interface Start {
  after?: string
  revision?: number
}

function startOf(options: ListOptions, prefix: string): Start {
  if (options.continue !== undefined && options.continue !== '') {
    const { revision, after } = parseContinueToken(options.continue)
    return { after: `${prefix}${after}`, revision }
  }
  const asked = options.resourceVersion
  if (asked === undefined || asked === '' || asked === '0') return {}
  const revision = parseRevision(asked)
  return options.resourceVersionMatch === 'Exact' ? { revision } : { revision: -revision }
}

export function parseRevision(text: string): number {
  if (!/^\d{1,16}$/.test(text)) {
    throw badRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  }
  return Number(text)
}

async function listOne(
  kind: Kind,
  namespace: string,
  selection: Selection,
  revision: number | undefined,
  { store, cache }: { store: Store; cache: ObjectCache },
): Promise<KubeList> {
  const newest = requireReached(store, revision)
  const entry = await store.get(objectKey(kind, namespace, selection.name ?? ''))
  const object = entry === undefined ? undefined : cache.decode(entry)
  const items = object !== undefined && selection.matches(object) ? [object] : []
  return { metadata: { resourceVersion: String(Math.max(newest, store.revision())) }, items }
}

function requireReached(store: Store, revision: number | undefined): number {
  const newest = store.revision()
  const asked = Math.abs(revision ?? 0)
  if (asked > newest) throw new FutureRevisionError(asked, newest)
  return newest
}

async function listPage(
  prefix: string,
  selection: Selection,
  limit: number | undefined,
  start: Start,
  { store, cache }: { store: Store; cache: ObjectCache },
): Promise<KubeList> {
  requireReached(store, start.revision)
  // A negative revision means "not older than": the newest state will do.
  let revision = start.revision !== undefined && start.revision > 0 ? start.revision : undefined
  let after = start.after
  const items: KubeObject[] = []
  for (;;) {
    const want = limit === undefined ? undefined : selection.everything ? limit : Math.max(limit, readAhead)
    const page = await store.list(prefix, { after, limit: want, revision })
    revision = page.revision
    const cut = take(page.entries, limit, items, selection, cache)
    const last = page.entries[cut - 1]
    const left = page.remaining + page.entries.length - cut
    if (left === 0 || last === undefined) return { metadata: { resourceVersion: String(revision) }, items }
    if (items.length === limit) {
      return {
        metadata: {
          resourceVersion: String(revision),
          continue: formatContinueToken({ revision, after: last.key.slice(prefix.length) }),
          ...(selection.everything ? { remainingItemCount: left } : {}),
        },
        items,
      }
    }
    after = last.key
  }
}

/** Moves matches to `items` until there are `limit`; answers how many entries were used up. */
function take(
  entries: readonly Entry[],
  limit: number | undefined,
  items: KubeObject[],
  selection: Selection,
  cache: ObjectCache,
): number {
  for (const [index, entry] of entries.entries()) {
    const object = cache.decode(entry)
    if (selection.matches(object)) items.push(object)
    if (items.length === limit) return index + 1
  }
  return entries.length
}

function toListError(error: unknown, options: ListOptions): unknown {
  if (error instanceof CompactedError) {
    return options.continue
      ? expiredContinueToken()
      : expired('The resourceVersion for the provided list is too old.')
  }
  if (error instanceof FutureRevisionError) return tooLargeRevision(error.asked, error.newest)
  return error
}

/** image-api.md §2.1: 504 Timeout with its cause. */
export function tooLargeRevision(asked: number, newest: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${newest}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
}
