import { isApiError, notFound } from '../machinery/errors.ts'
import { giveBack } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Entry, Store } from '../store/store.ts'
import { isApplyConflict } from './apply-object.ts'
import { deletedStatus, planDelete, requirePreconditions } from './delete-object.ts'
import type {
  DeleteRequest,
  Endpoint,
  ReadyForms,
  ScopedRequest,
  UpdateRequest,
  UpdateResult,
} from './endpoint.ts'
import type { KeyLock } from './key-lock.ts'
import { objectKey } from './keys.ts'
import { type JoinedPage, listJoined } from './list-joined.ts'
import { listObjects } from './list-objects.ts'
import { type EntryPages, listPages } from './list-pages.ts'
import { createSegmentCache, type SegmentRoom, toSegment } from './list-segments.ts'
import { type ObjectCache, withTypeMeta } from './object-codec.ts'
import { type ObjectWriter, type Plan, planAlongside } from './object-writer.ts'
import { createShower, type ItemJson, type Shower, type ShowerOptions, type Shown } from './shown.ts'
import { withTracking } from './track-write.ts'
import type { Turns } from './turns.ts'
import { watchObjects } from './watch-objects.ts'
import { hookStrategy, statusStrategy, type WriteRequest, type WriteStrategy } from './write-strategy.ts'

export interface StoredDeps {
  store: Store
  cache: ObjectCache
  writer: ObjectWriter
  lock: KeyLock
  /** Of long reads. */
  turns: Turns
  /** For what is listed often. */
  room: SegmentRoom
  clock: () => Date
}

/** How often a lost race of a patch is run again before the client hears of it. */
const maxAttempts = 5

export interface StoredOptions extends Pick<ShowerOptions, 'decorate' | 'isShownAsStored'> {
  strategy?: WriteStrategy
}

/** Create, read, update, delete and watch of a stored kind: the one generic path. */
export function createStoredEndpoint(kind: Kind, deps: StoredDeps, options: StoredOptions = {}): Endpoint {
  const { strategy = hookStrategy(kind), decorate = (object) => object } = options
  const show = (object: KubeObject) => withTypeMeta(kind, decorate(object))
  const resource = { group: kind.group, resource: kind.plural }
  const shower = createShower(kind, deps.cache, options)
  const endpoint: Endpoint = {
    kind,

    async get({ namespace, name }) {
      return show(deps.cache.decode(await requireEntry(kind, namespace, name, deps)))
    },

    async list({ namespace, options: asked }) {
      const list = await listObjects(kind, namespace, asked, deps)
      return { ...list, items: list.items.map(decorate) }
    },

    watch: ({ namespace, options: asked }) => watchObjects(kind, namespace, asked, { ...deps, shower }),

    async create({ object, dryRun, manager, ...scope }) {
      const asked = { ...writeRequest(scope, dryRun, kind, deps), tracked: manager !== undefined }
      const next = withTracking(strategy, undefined, object, asked, { manager, subresource: '' })
      const plan = await deps.writer.planCreate(strategy, next, asked)
      if (dryRun) return show(plan.object)
      const [created] = await deps.writer.commit([plan], resource)
      return show(created as KubeObject)
    },

    async update(request) {
      const { object, created } = await updateObject(kind, strategy, request, deps, { decorate })
      return { object: show(object), created }
    },

    async delete(request) {
      return deleteStored(kind, strategy, request, deps)
    },

    async deleteCollection({ namespace, selectors, ...asked }) {
      const { items, metadata } = await listObjects(kind, namespace, selectors, deps)
      const deleted: KubeObject[] = []
      for (const item of items) {
        const { namespace: home = '', name = '' } = item.metadata
        try {
          await deleteStored(kind, strategy, { ...asked, namespace: home, name }, deps)
          deleted.push(item)
        } catch (error) {
          if (!isApiError(error, 'NotFound')) throw error
        }
      }
      return { metadata: { resourceVersion: metadata.resourceVersion }, items: deleted }
    },
  }
  return { ...endpoint, ready: readyForms(endpoint, shower, deps) }
}

function readyForms({ kind, get, list }: Endpoint, shower: Shower, deps: StoredDeps): ReadyForms {
  const { store, turns, room } = deps
  const { itemJson } = shower
  const joining = { store, turns, itemJson, segments: createSegmentCache(kind, store, room) }
  return {
    get,
    list,
    show: async ({ namespace, name }) => shower.answer(await requireEntry(kind, namespace, name, deps)),
    async pages({ namespace, caller, options }) {
      const { metadata, pages } = await listPages(kind, namespace, options, deps, caller.name)
      return { metadata, pages: shownPages(pages, shower) }
    },
    async joined({ namespace, caller, options }) {
      const joined = await listJoined(kind, namespace, options, joining, caller.name)
      if (joined !== undefined) return joined
      const found = await listPages(kind, namespace, options, deps, caller.name)
      return { metadata: found.metadata, pages: joinedPages(found, itemJson) }
    },
  }
}

async function* shownPages(
  pages: AsyncIterable<readonly Entry[]>,
  shower: Shower,
): AsyncGenerator<readonly Shown[]> {
  for await (const entries of pages) yield entries.map(shower.item)
}

async function* joinedPages(
  { pages, isOwn }: EntryPages,
  itemJson: (entry: Entry) => ItemJson,
): AsyncGenerator<JoinedPage> {
  const place = { prefix: '', after: '', isEnd: false, revision: 0 }
  for await (const entries of pages) {
    if (entries.length === 0) continue
    const { json } = toSegment(place, entries, itemJson)
    if (isOwn) for (const { value } of entries) giveBack(value)
    yield { json, isOwn: true }
  }
}

/** The `status` subresource of a stored kind. */
export function createStatusEndpoint(
  kind: Kind,
  deps: StoredDeps,
  strategy: WriteStrategy = statusStrategy(kind),
): Endpoint {
  return {
    kind,
    subresource: 'status',
    async get({ namespace, name }) {
      return withTypeMeta(kind, deps.cache.decode(await requireEntry(kind, namespace, name, deps)))
    },
    update: (request) => updateObject(kind, strategy, request, deps, { subresource: 'status' }),
  }
}

export async function requireEntry(
  kind: Kind,
  namespace: string,
  name: string,
  { store }: Pick<StoredDeps, 'store'>,
): Promise<Entry> {
  const entry = await store.get(objectKey(kind, namespace, name))
  if (entry === undefined) throw notFound({ group: kind.group, resource: kind.plural }, name)
  return entry
}

export function writeRequest(
  { caller, namespace, onBehalfOf, cause }: ScopedRequest,
  dryRun: boolean,
  kind: Kind,
  { clock }: Pick<StoredDeps, 'clock'>,
): WriteRequest {
  return {
    caller,
    namespace,
    dryRun,
    now: clock(),
    resource: { group: kind.group, resource: kind.plural },
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(cause === undefined ? {} : { cause }),
  }
}

/** One writer of an object at a time: patches wait for their turn rather than lose races. */
export function updateObject(...args: Parameters<typeof updateStored>): Promise<UpdateResult> {
  const [kind, , { namespace, name }, { lock }] = args
  return lock.run(objectKey(kind, namespace, name), () => updateStored(...args))
}

export interface UpdateOptions {
  /** What the client saw on top of what is stored. */
  decorate?(object: KubeObject): KubeObject
  /** Through which fields are owned; '' for the object itself. */
  subresource?: string
}

async function updateStored(
  kind: Kind,
  strategy: WriteStrategy,
  request: UpdateRequest,
  deps: StoredDeps,
  options: UpdateOptions = {},
): Promise<UpdateResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      const entry = await deps.store.get(objectKey(kind, request.namespace, request.name))
      if (entry !== undefined) return await changeStored(kind, strategy, request, entry, deps, options)
      return await createMissing(kind, strategy, request, deps, options)
    } catch (error) {
      const lost = isApiError(error, 'Conflict') || isApiError(error, 'AlreadyExists')
      if (!request.retryConflicts || attempt >= maxAttempts || !lost || isApplyConflict(error)) throw error
    }
  }
}

async function changeStored(
  kind: Kind,
  strategy: WriteStrategy,
  request: UpdateRequest,
  entry: Entry,
  deps: StoredDeps,
  { decorate = (object) => object, subresource = '' }: UpdateOptions,
): Promise<UpdateResult> {
  const { manager, apply, dryRun } = request
  const asked = writeRequest(request, dryRun, kind, deps)
  asked.tracked = manager !== undefined || apply !== undefined
  const current = withTypeMeta(kind, decorate(deps.cache.decode(entry)))
  const wished = request.transform(current)
  const next =
    apply === undefined ? withTracking(strategy, current, wished, asked, { manager, subresource }) : wished
  const plan: Plan = await deps.writer.planUpdate(strategy, next, entry, asked)
  const [written] = dryRun ? [plan.object] : await deps.writer.commit([plan], asked.resource)
  return { object: withTypeMeta(kind, written as KubeObject), created: false }
}

/** What isn't there is made by an apply of the object itself, and by nothing else. */
async function createMissing(
  kind: Kind,
  strategy: WriteStrategy,
  request: UpdateRequest,
  deps: StoredDeps,
  { subresource = '' }: UpdateOptions,
): Promise<UpdateResult> {
  const asked = { ...writeRequest(request, request.dryRun, kind, deps), tracked: true }
  if (request.apply === undefined || subresource !== '') throw notFound(asked.resource, request.name)
  const next = request.transform(undefined)
  await request.apply.beforeCreate()
  const plan = await deps.writer.planCreate(strategy, next, asked)
  const [written] = request.dryRun ? [plan.object] : await deps.writer.commit([plan], asked.resource)
  return { object: withTypeMeta(kind, written as KubeObject), created: true }
}

/** It has its turn as other writers have: whoever is at work on the object does not find another of its name in its place. */
function deleteStored(...args: Parameters<typeof deleteInTurn>) {
  const [kind, , { namespace, name }, { lock }] = args
  return lock.run(objectKey(kind, namespace, name), () => deleteInTurn(...args))
}

async function deleteInTurn(kind: Kind, strategy: WriteStrategy, request: DeleteRequest, deps: StoredDeps) {
  const resource = { group: kind.group, resource: kind.plural }
  const { dryRun = false } = request.options
  for (;;) {
    const entry = await requireEntry(kind, request.namespace, request.name, deps)
    const current = deps.cache.decode(entry)
    requirePreconditions(kind, current, request.options)
    const { object, change, gone } = planDelete(current, entry, request.options, deps.clock())
    const asked = writeRequest(request, dryRun, kind, deps)
    const more = gone ? await planAlongside(strategy, undefined, current, asked) : {}
    const plan: Plan = { kind, object, ...(change === undefined ? {} : { change }), ...more }
    try {
      const [left] = dryRun ? [object] : await deps.writer.commit([plan], resource)
      return gone ? deletedStatus(kind, object) : withTypeMeta(kind, left as KubeObject)
    } catch (error) {
      // Someone wrote in between: a delete means whatever is there now.
      if (!isApiError(error, 'Conflict')) throw error
    }
  }
}
