import type { LimitRange } from './limits.ts'
import { largestImage } from './limits.ts'

/** The largest image that each namespace allows, in bytes (pruning.md P-24); a namespace without a limit is left out. */
export function readImageLimits(ranges: readonly LimitRange[]): Map<string, number> {
  const limits = new Map<string, number>()
  for (const [namespace, own] of Map.groupBy(ranges, ({ metadata }) => metadata.namespace ?? '')) {
    const largest = largestImage(own)
    if (largest !== undefined) limits.set(namespace, largest)
  }
  return limits
}
