import type { Authorize, Subject } from '../access/access.ts'
import { groupMasters } from '../access/access.ts'
import type { Client } from '../client/client.ts'
import { apiVersionOf, type Kind } from '../machinery/kind.ts'
import type { Store } from '../store/store.ts'
import type { KnowsKind } from './decode-body.ts'
import { type Endpoint, pathOfEndpoint } from './endpoint.ts'
import { streamMarking } from './image/stream-marks.ts'
import { createKeyLock, type KeyLock } from './key-lock.ts'
import { kindPrefix } from './keys.ts'
import { createSegmentRoom, type SegmentRoom } from './list-segments.ts'
import { createLocalClient } from './local-client.ts'
import type { Marking } from './marks.ts'
import { createNamespaceEndpoints } from './namespace-endpoints.ts'
import { namespacePhaseOf } from './namespace-phase.ts'
import { createObjectCache, type ObjectCache } from './object-codec.ts'
import { createObjectWriter, type ObjectWriter } from './object-writer.ts'
import { createScaleEndpoint } from './scale-endpoint.ts'
import { createShortWork, type ShortWork } from './short-work.ts'
import { createStatusEndpoint, createStoredEndpoint } from './stored-endpoint.ts'
import { createTurns, type Turns } from './turns.ts'

/** The program's own identity, for what it does on nobody's behalf. */
export const systemSubject: Subject = { name: 'system:weir', groups: [groupMasters] }

export interface ResourcesDeps {
  kinds: readonly Kind[]
  store: Store
  clock: () => Date
  randomUuid: () => string
  /** In [0, 1). */
  random: () => number
}

/** What is looked for at a start; `openMarks` each of them before anything is written. */
export const markings: readonly Marking[] = [streamMarking]

/** Of lists that are kept ready: a thousand streams of ten tags are some six million. */
const listBytes = 8 << 20
/** Milliseconds that a page of a list waits at most for others' short requests: 50 MB a second are left to lists. */
const longestAside = 5

/** What endpoints of special kinds are built from. */
export interface EndpointDeps extends ResourcesDeps {
  cache: ObjectCache
  writer: ObjectWriter
  lock: KeyLock
  turns: Turns
  /** What long reads step aside for. */
  shortWork: ShortWork
  room: SegmentRoom
  /** Microseconds since the epoch: now, not before `earliest`, and later than any before. */
  stamp(now: Date, earliest?: number): number
  /** Acts as the program itself. */
  system: Client
}

export interface Resources {
  readonly endpoints: ReadonlyMap<string, Endpoint>
  readonly knowsKind: KnowsKind
  readonly deps: EndpointDeps
  /** Acts as the program itself: no question asked. */
  readonly system: Client
  /** Acts as the subject: each call is authorised. */
  clientFor(subject: Subject, authorize: Authorize): Client
  /** Serves these too, in place of what stood at their path. */
  add(endpoints: readonly Endpoint[]): void
}

/** The API without a wire: an endpoint for each stored kind and its subresources, and clients over them. */
export function createResources(deps: ResourcesDeps): Resources {
  const endpoints = new Map<string, Endpoint>()
  const cache = createObjectCache()
  const writer = createObjectWriter({
    ...deps,
    cache,
    markings: new Map(markings.map((marking) => [kindPrefix(marking.kind), marking])),
    namespacePhase: (namespace) => namespacePhaseOf(namespace, deps.store, cache),
  })
  const known = new Set(deps.kinds.map((kind) => `${apiVersionOf(kind)}/${kind.kind}`))
  const knowsKind: KnowsKind = (apiVersion, kind) => known.has(`${apiVersion}/${kind}`)
  const clientOf = (subject: Subject, authorize?: Authorize) =>
    createLocalClient({
      endpoints,
      knowsKind,
      subject,
      clock: deps.clock,
      ...(authorize === undefined ? {} : { authorize }),
    })
  const system = clientOf(systemSubject)
  const shortWork = createShortWork(longestAside)
  const endpointDeps: EndpointDeps = {
    ...deps,
    cache,
    writer,
    lock: createKeyLock(),
    turns: createTurns(shortWork.after),
    shortWork,
    room: createSegmentRoom(listBytes),
    stamp: createStamp(),
    system,
  }
  const add = (list: readonly Endpoint[]) => {
    for (const endpoint of list) endpoints.set(pathOfEndpoint(endpoint), endpoint)
  }

  for (const kind of deps.kinds) if (kind.stored) add(endpointsOf(kind, endpointDeps))
  add(createNamespaceEndpoints(deps.kinds, endpointDeps))
  return { endpoints, knowsKind, deps: endpointDeps, system, clientFor: clientOf, add }
}

function createStamp(): EndpointDeps['stamp'] {
  let last = 0
  return (now, earliest = 0) => {
    last = Math.max(last + 1, now.getTime() * 1000, earliest)
    return last
  }
}

function endpointsOf(kind: Kind, deps: EndpointDeps): Endpoint[] {
  const endpoints = [createStoredEndpoint(kind, deps)]
  for (const { name } of kind.subresources) {
    if (name === 'status') endpoints.push(createStatusEndpoint(kind, deps))
    if (name === 'scale') endpoints.push(createScaleEndpoint(kind, deps))
  }
  return endpoints
}
