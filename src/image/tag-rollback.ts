import type { ImageStream, TagEvent } from '../api/image/index.ts'
import { type TagHold, type TagRollback, type TagState, tagRollbacks } from '../api/weir/index.ts'
import { type ApiError, conflict, formatTime, invalid, quote } from '../machinery/index.ts'
import { addTagEvent } from './history.ts'
import { momentForm, parseMoment } from './moment.ts'
import { latestEvent, specTag, statusTag } from './stream-tags.ts'
import { followsSource, heldTags } from './tag-holds.ts'
import { pastStates, rejectedImages, stateAt, type TagPast } from './tag-past.ts'
import { updateFollowers } from './track.ts'
import { formatStreamTagName } from './virtual-name.ts'

/** Moving a tag back, and remembering from what (design.md §6). */

export interface RollbackQuestion {
  stream: ImageStream
  tag: string
  spec: TagRollback['spec']
  past: TagPast
  /** That of the tag, where there is one. */
  hold: TagHold | undefined
  now: Date
}

export interface RollbackChoice {
  before: TagState
  after: TagState
}

/** 422 about the rollback itself. */
export function refuseRollback(name: string, field: string, value: string, detail: string): ApiError {
  return invalid(tagRollbacks, name, [{ type: 'Invalid value', field, value, detail }])
}

function currentState(question: RollbackQuestion, name: string): TagState {
  const { stream, tag, spec } = question
  const event = latestEvent(stream, tag)
  if (event?.image === undefined || event.image === '') {
    const what =
      event === undefined ? 'has no image' : 'is a mere reference, which has no history to go back in'
    throw refuseRollback(name, 'metadata.name', name, `the tag ${what}`)
  }
  if (spec.rejects && spec.rejects !== event.image) {
    throw conflict(
      { group: tagRollbacks.group, resource: tagRollbacks.plural },
      name,
      `the tag has moved on to ${event.image}`,
    )
  }
  return { image: event.image, dockerImageReference: event.dockerImageReference }
}

/** Images back from the current one, each once in a row; what was rejected before does not count. */
function chooseBack(question: RollbackQuestion, count: number, name: string, current: TagState): TagState {
  const { past, hold, spec } = question
  const rejected = new Set([...rejectedImages(past.records), ...(hold?.rejected ?? [])])
  let at = current.image
  let left = count
  for (const state of pastStates(past)) {
    if (state.image === '' || state.image === at || rejected.has(state.image)) continue
    if (state.image === current.image) continue
    at = state.image
    left -= 1
    if (left === 0) return state
  }
  const found = count - left
  const why =
    found === 0
      ? 'there is no earlier image of the tag that was not rejected'
      : `the tag has only ${found} earlier ${found === 1 ? 'image' : 'images'}`
  throw refuseRollback(name, 'spec.to', spec.to ?? '', why)
}

function chooseDigest(question: RollbackQuestion, wanted: string, name: string): TagState {
  const states = pastStates(question.past)
  const matches = (image: string) =>
    image === wanted ||
    (image !== '' && (image.startsWith(wanted) || image.split(':')[1]?.startsWith(wanted)))
  const found = new Map(states.filter(({ image }) => matches(image)).map((state) => [state.image, state]))
  const [first, ...more] = [...found.values()]
  if (first === undefined) throw refuseRollback(name, 'spec.to', wanted, 'the tag never was that image')
  if (more.length > 0) {
    const all = [...found.keys()].join(', ')
    throw refuseRollback(name, 'spec.to', wanted, `several images begin so: ${all}`)
  }
  return first
}

function chooseTime(question: RollbackQuestion, at: number, name: string): TagState {
  const { past, spec } = question
  const found = stateAt(past, at * 1000)
  const value = spec.to ?? ''
  if (found.kind === 'state' && found.state.image !== '') return found.state
  if (found.kind === 'unknown') {
    const begins = found.begins === undefined ? '' : `: its history begins at ${microsText(found.begins)}`
    throw refuseRollback(name, 'spec.to', value, `what the tag was then is not known${begins}`)
  }
  throw refuseRollback(name, 'spec.to', value, 'the tag stood for no image then')
}

export function microsText(micros: number): string {
  return formatTime(new Date(Math.floor(micros / 1000)))
}

const toForms = `must be a number of images back, a digest or its beginning, ${momentForm}`

/** Throws an ApiError: Invalid for what can't be gone back to, Conflict when the caller saw another image. */
export function chooseRollback(question: RollbackQuestion): RollbackChoice {
  const { stream, tag, spec, now } = question
  const name = formatStreamTagName(stream.metadata.name ?? '', tag)
  const before = currentState(question, name)
  const to = spec.to ?? ''
  const choose = (): TagState => {
    if (to === '') return chooseBack(question, 1, name, before)
    if (/^[1-9]\d{0,3}$/.test(to)) return chooseBack(question, Number(to), name, before)
    const at = parseMoment(to, now)
    if (at !== undefined) return chooseTime(question, at, name)
    if (/^(?:[a-z0-9+._-]+:)?[0-9a-f]{6,}$/.test(to)) return chooseDigest(question, to, name)
    throw refuseRollback(name, 'spec.to', to, toForms)
  }
  const after = choose()
  if (after.image === before.image) {
    throw refuseRollback(name, 'spec.to', to, `the tag stands for ${quote(after.image)} already`)
  }
  return { before, after }
}

/**
 * The stream after the rollback, a status write: the tag's new event and the same for tags that follow it. The generation is
 * the stream's, so that nothing takes the tag for one that waits for an import.
 */
export function applyTagRollback(
  stream: ImageStream,
  tag: string,
  { after }: RollbackChoice,
  holds: readonly TagHold[],
  now: Date,
): ImageStream {
  const event: TagEvent = {
    created: formatTime(now),
    dockerImageReference: after.dockerImageReference,
    image: after.image,
    generation: stream.metadata.generation ?? 0,
  }
  return updateFollowers(addTagEvent(stream, tag, event), stream, heldTags(holds))
}

/** The images that the tag is to be held back from, the last rejected first; undefined when it follows nothing. */
export function rejectedAfter(
  stream: ImageStream,
  tag: string,
  { before, after }: RollbackChoice,
  hold: TagHold | undefined,
): string[] | undefined {
  if (!followsSource(stream, specTag(stream, tag))) return undefined
  const earlier = (hold?.rejected ?? []).filter((image) => image !== before.image && image !== after.image)
  return [before.image, ...earlier]
}

/** The history of the tag in the stream itself. */
export function itemsOf(stream: ImageStream, tag: string): readonly TagEvent[] {
  return statusTag(stream, tag)?.items ?? []
}
