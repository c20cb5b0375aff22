import { groupMasters, type Subject } from '../access/access.ts'
import { ApiError } from '../machinery/errors.ts'
import type { ShortWork } from '../resources/short-work.ts'
import { createFairGate, type FairGate, type GateLimits, type Leave } from './fair-gate.ts'
import { createRateLimit } from './rate-limit.ts'
import type { RequestInfo } from './request-info.ts'

/** How the server is shared among those who ask. */
export interface FairnessSettings {
  /** Reads and writes of single objects. */
  short: GateLimits
  /** Lists and deletions of collections: their work grows with what there is. */
  lists: GateLimits
  /** What lasts as long as others please: watches, logs that are followed, imports, uploads of sources. */
  long: GateLimits
  /** Requests of one subject, twice as many in a burst; 0: no bound. */
  requestsPerSecond: number
}

type RequestClass = 'short' | 'lists' | 'long' | 'exempt'

/** In which line a request stands. Paths that are no resource (health, discovery, logins) stand in none. */
export function classOf(info: RequestInfo): RequestClass {
  if (info.kind === 'path') return 'exempt'
  const { verb, resource, subresource } = info
  if (verb === 'watch' || subresource === 'log') return 'long'
  if (resource === 'imagestreamimports' || subresource === 'instantiatebinary') return 'long'
  return verb === 'list' || verb === 'deletecollection' ? 'lists' : 'short'
}

/** Lets a request begin; what it answers ends it. 429 TooManyRequests with `retryAfterSeconds` when there is no place. */
export type Fairness = (caller: Subject, info: RequestInfo) => Leave | Promise<Leave>

const nothing: Leave = () => undefined

/**
 * Subjects of `system:masters`, the program itself among them, are never held up. Short requests of everybody count as short work, which
 * lists step aside for.
 */
export function createFairness(
  settings: FairnessSettings,
  now: () => number,
  shortWork: Pick<ShortWork, 'begin'>,
): Fairness {
  const gates = {
    short: createFairGate(settings.short),
    lists: createFairGate(settings.lists),
    long: createFairGate(settings.long),
  }
  const rate = createRateLimit(settings.requestsPerSecond, now)

  function admit(caller: Subject, kind: RequestClass): Leave | Promise<Leave> {
    if (kind === 'exempt' || caller.groups.includes(groupMasters)) return nothing
    const early = rate.take(caller.name)
    if (early > 0) throw tooManyRequests(early)
    return enter(gates[kind], caller.name)
  }

  function counted(leave: Leave): Leave {
    const end = shortWork.begin()
    return () => {
      end()
      leave()
    }
  }

  return (caller, info) => {
    const kind = classOf(info)
    const leave = admit(caller, kind)
    if (kind !== 'short') return leave
    return leave instanceof Promise ? leave.then(counted) : counted(leave)
  }
}

function enter(gate: FairGate, who: string): Leave | Promise<Leave> {
  const entered = gate.enter(who)
  if (entered instanceof Promise) return entered.then(orRefuse)
  return orRefuse(entered)
}

function orRefuse(leave: Leave | undefined): Leave {
  if (leave === undefined) throw tooManyRequests(1000)
  return leave
}

/** `after`: milliseconds. */
function tooManyRequests(after: number): ApiError {
  return new ApiError(
    429,
    'TooManyRequests',
    'too many requests of yours are under way, please try again later',
    {
      details: { retryAfterSeconds: Math.max(1, Math.ceil(after / 1000)) },
    },
  )
}
