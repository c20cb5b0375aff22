import type { ImageChange, TagEventRecord, TagState } from '../../api/index.ts'
import { olderItems } from '../../image/tag-past.ts'
import { binarySize } from '../print/age.ts'
import type { StreamObject } from '../resources/image-types.ts'

/** Moves of tags as lines of a table. Pure. */

export interface EventRow {
  time: string
  tag: string
  cause: string
  by: string
  image: string
  from: string
  what: string
}

/** Enough of a digest to name it by. */
const shortDigest = (image: string): string => image.replace(/^sha256:([0-9a-f]{12})[0-9a-f]+$/, '$1')

function stateText(state: TagState | undefined, wide: boolean): string {
  if (state === undefined) return '<none>'
  if (state.image === '') return state.dockerImageReference
  return wide ? state.image : shortDigest(state.image)
}

function sizeText(text: string | undefined): string {
  return text === undefined ? '?' : binarySize(Number(text))
}

/** `user root -> 1001`, `env +A -B ~C`. */
export function changeText({ field, before, after, added, removed, changed }: ImageChange): string {
  const names = [
    ...(added ?? []).map((name) => `+${name}`),
    ...(removed ?? []).map((name) => `-${name}`),
    ...(changed ?? []).map((name) => `~${name}`),
  ]
  if (names.length > 0) return `${field} ${names.join(' ')}`
  if (field === 'size') return `size ${sizeText(before)} -> ${sizeText(after)}`
  const label = field.startsWith('org.opencontainers.image.')
    ? field.slice('org.opencontainers.image.'.length)
    : field
  return `${label} ${before ?? '<none>'} -> ${after ?? '<none>'}`
}

function fromText({ source }: TagEventRecord): string {
  if (source === undefined) return ''
  return `${source.namespace ? `${source.namespace}/` : ''}${source.name ?? ''}`
}

export function eventRow(record: TagEventRecord, wide: boolean): EventRow {
  const { time, tag, cause, subject, message, after, changes = [] } = record
  const gone = tag === '' ? 'the stream was deleted' : after === undefined ? 'the tag was deleted' : ''
  return {
    time: `${time.slice(0, 19)}Z`,
    tag: tag === '' ? '*' : tag,
    cause,
    by: subject,
    image: stateText(after, wide),
    from: fromText(record),
    what: [message ?? '', gone, ...changes.map(changeText)].filter((part) => part !== '').join('; '),
  }
}

/** What the stream itself remembers from before the records began; by whom and why is not known. */
export function itemRows(
  stream: StreamObject,
  wanted: string | undefined,
  records: readonly TagEventRecord[],
  wide: boolean,
): EventRow[] {
  const ends = records.filter(({ tag }) => tag === '')
  return (stream.status?.tags ?? [])
    .filter(({ tag }) => wanted === undefined || tag === wanted)
    .flatMap(({ tag, items }) =>
      olderItems([...records.filter((record) => record.tag === tag), ...ends], items ?? []).map(
        ({ created, image = '', dockerImageReference = '' }) => ({
          time: created ?? '<unknown>',
          tag,
          cause: '-',
          by: '-',
          image: stateText({ image, dockerImageReference }, wide),
          from: '',
          what: '',
        }),
      ),
    )
}
