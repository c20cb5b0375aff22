import { formatLongAgeSince } from '../../machinery/index.ts'
import type { ImageTag } from './image-tag.ts'
import { importSuccess, type NamedTagEventList } from './tag-event.ts'
import type { ObjectReference, TagReference } from './tag-reference.ts'

/** The cells of an ImageTag's row (image-api.md §15.2). */
export interface ImageTagCells {
  /** How the tag is filled: '', Tag, Ref, Scheduled, Track or Push. */
  spec: string
  status: string
  /** Number of events, null for none. */
  history: number | null
  updated: string
}

interface Origin {
  spec: string
  source: string
  status: string
}

function originOf(from: ObjectReference, spec: string): Origin {
  const { kind = '', name = '', namespace = '' } = from
  if (kind === 'DockerImage') return { spec, source: name, status: '' }
  if (kind === 'ImageStreamImage') {
    const at = name.indexOf('@')
    if (at === -1) return { spec, source: '', status: 'InvalidRefName' }
    return { spec, source: `image/${name.slice(at + 1)}`, status: '' }
  }
  if (kind === 'ImageStreamTag') {
    const source = namespace === '' ? `istag/${name}` : `istag ${namespace}/${name}`
    return { spec: name.includes(':') ? spec : 'Track', source, status: '' }
  }
  return { spec, source: '', status: 'InvalidRefKind' }
}

function readSpec(tag: TagReference | null): Origin {
  if (tag === null || tag.from === undefined) return { spec: '', source: '', status: '' }
  const isScheduled = tag.importPolicy.scheduled === true
  return originOf(tag.from, isScheduled ? 'Scheduled' : tag.reference === true ? 'Ref' : 'Tag')
}

/** What the newest event adds: where the image came from, and whether that was a push. */
function readEvent(origin: Origin, tag: TagReference | null, status: NamedTagEventList): Origin {
  const event = status.items?.[0]
  if (event === undefined) return origin
  const specGeneration = tag?.generation ?? 0
  const isBehind = event.generation > 0 && event.generation < specGeneration
  if (isBehind) return { ...origin, status: 'Importing' }
  const source = event.image === '' ? event.dockerImageReference : `image/${event.image}`
  if (source === '') return origin
  const isNewer = specGeneration > 0 && event.generation > specGeneration
  const isPush = origin.spec === '' || (origin.spec !== 'Track' && isNewer)
  return { ...origin, source, spec: isPush ? 'Push' : origin.spec }
}

function later(a: string | null | undefined, b: string | null | undefined): string {
  return [a ?? '', b ?? ''].sort().at(-1) ?? ''
}

export function imageTagCells({ spec, status }: ImageTag, now: Date): ImageTagCells {
  let origin = readSpec(spec)
  let updated: string | null | undefined
  if (status !== null) {
    origin = readEvent(origin, spec, status)
    updated = status.items?.[0]?.created
    const failure = status.conditions?.find(
      ({ type, status: state }) => type === importSuccess && state === 'False',
    )
    if (failure !== undefined) {
      origin = { ...origin, status: `ImportFailed (${failure.reason ?? ''})` }
      updated = later(updated, failure.lastTransitionTime)
    }
  }
  return {
    spec: origin.spec,
    status: origin.status === '' ? origin.source : origin.status,
    history: status?.items?.length || null,
    updated: formatLongAgeSince(updated, now),
  }
}
