import type { ImageStream, NamedTagEventList, TagReference } from '../api/image/index.ts'
import {
  importSuccess,
  insecureRepositoryAnnotation,
  isAnnotatedTrue,
  preferArchAnnotation,
  preferOsAnnotation,
} from '../api/image/index.ts'
import { isScheduled, type ServerPlatform } from '../image/index.ts'
import { parseReference } from '../oci/index.ts'
import { toRepository, wantedPart } from './locate.ts'
import { tagInterval } from './sweep-interval.ts'

/** A tag that is to be looked at from time to time (import.md §8). */
export interface ScheduledTag {
  namespace: string
  stream: string
  tag: string
  /** Distinct upstream questions have distinct keys, whoever asks. */
  probe: string
  /** The registry that answers, `host[:port]`. */
  host: string
  /** `from.name`, as written. */
  from: string
  insecure: boolean
  /** Milliseconds between two looks. */
  interval: number
  /** What the tag stands for now, '' before its first import. */
  image: string
  /** Images that it was rolled back from: no reason for an import. */
  rejected: readonly string[]
  /** Its last import failed: a source that answers again is worth an import whatever it says. */
  hasFailed: boolean
  /** Which entry of a list it takes, unless it keeps lists whole. */
  platform: ServerPlatform
  keepsLists: boolean
}

/** What Legacy imports prefer where the tag says nothing. */
export const serverPlatform: ServerPlatform = { architecture: 'amd64', os: 'linux' }

export interface IntervalSettings {
  /** Milliseconds. */
  interval: number
  /** The shortest interval that a tag may ask for. */
  shortestInterval: number
}

export function scheduledTags(stream: ImageStream, settings: IntervalSettings): ScheduledTag[] {
  return (stream.spec.tags ?? []).flatMap((tag) => toScheduled(stream, tag, settings) ?? [])
}

function toScheduled(
  stream: ImageStream,
  tag: TagReference,
  { interval, shortestInterval }: IntervalSettings,
): ScheduledTag | undefined {
  if (!isScheduled(stream, tag)) return undefined
  const from = tag.from?.name ?? ''
  const reference = parseReference(from)
  if (reference === undefined || reference.name === '') return undefined
  const status = stream.status.tags?.find((entry) => entry.tag === tag.name)
  const part = wantedPart(reference)
  const { registry, name } = toRepository(reference)
  const insecure = tag.importPolicy.insecure === true || isAnnotatedTrue(stream, insecureRepositoryAnnotation)
  return {
    namespace: stream.metadata.namespace ?? '',
    stream: stream.metadata.name ?? '',
    tag: tag.name,
    probe: JSON.stringify([registry, name, part.value, insecure]),
    host: registry,
    from,
    insecure,
    interval: tagInterval(tag, interval, shortestInterval),
    image: status?.items?.[0]?.image ?? '',
    rejected: [],
    hasFailed: hasFailed(status),
    platform: {
      architecture: tag.annotations?.[preferArchAnnotation] || serverPlatform.architecture,
      os: tag.annotations?.[preferOsAnnotation] || serverPlatform.os,
    },
    keepsLists: tag.importPolicy.importMode === 'PreserveOriginal',
  }
}

function hasFailed(status: NamedTagEventList | undefined): boolean {
  return (status?.conditions ?? []).some(
    (condition) => condition.type === importSuccess && condition.status === 'False',
  )
}
