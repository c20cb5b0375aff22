import type { ImageStream } from '../api/image/index.ts'
import { resolveTag } from './resolve-tag.ts'
import type { TriggerSource } from './trigger-annotation.ts'

/** What a followed tag gives its followers. */
export type TriggerResolution =
  /** `since` is when the tag came to it, in RFC 3339. */
  | { kind: 'image'; image: string; since?: string }
  | { kind: 'unresolved'; why: 'no-stream' | 'no-tag' | 'no-history' }
  /** Whoever wrote the trigger may not read that stream. */
  | { kind: 'forbidden'; why: string }

/** Answers for each source; asked by {@link formatSource}. */
export type Resolutions = (source: TriggerSource) => TriggerResolution

/**
 * `stream` is decorated with its repository. The last good event counts, whatever was asked for since and whatever failed
 * (triggers.md §3).
 */
export function resolveTrigger(stream: ImageStream | undefined, tag: string): TriggerResolution {
  if (stream === undefined) return { kind: 'unresolved', why: 'no-stream' }
  const found = resolveTag(stream, tag)
  return found.kind === 'missing'
    ? { kind: 'unresolved', why: found.why }
    : {
        kind: 'image',
        image: found.reference,
        ...(found.event.created === null ? {} : { since: found.event.created }),
      }
}

const unresolvedTexts = {
  'no-stream': 'there is no such image stream',
  'no-tag': 'the image stream has no such tag',
  'no-history': 'the tag has no image yet',
} as const

export function resolutionText(resolution: Exclude<TriggerResolution, { kind: 'image' }>): string {
  return resolution.kind === 'forbidden' ? resolution.why : unresolvedTexts[resolution.why]
}
