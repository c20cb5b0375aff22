import type { Kind } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { hookStrategy, type WriteRequest, type WriteStrategy } from '../write-strategy.ts'

/**
 * What happens to a decoded object before its kind's own rules are applied: it may be completed, changed or refused with
 * an ApiError. `old` is undefined for a new object. Subresources are not admitted (triggers.md §7).
 */
export type Admit = (
  next: KubeObject,
  old: KubeObject | undefined,
  request: WriteRequest,
) => Promise<KubeObject>

/** The kind's own strategy behind the steps, in their order. */
export function admittedStrategy(kind: Kind, steps: readonly Admit[]): WriteStrategy {
  const strategy = hookStrategy(kind)
  const admit: Admit = async (next, old, request) => {
    let object = next
    for (const step of steps) object = await step(object, old, request)
    return object
  }
  return {
    ...strategy,
    create: async (next, request) => strategy.create(await admit(next, undefined, request), request),
    update: async (next, old, request) => strategy.update(await admit(next, old, request), old, request),
  }
}
