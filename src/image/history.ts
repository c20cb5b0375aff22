import type { ImageStream, NamedTagEventList, TagEvent } from '../api/image/index.ts'
import { statusTag, withStatusTag } from './stream-tags.ts'

/**
 * What adding an event does to a tag's history (image-api.md §7.3):
 * nothing when the newest entry says the same already; `update` of that entry in place, keeping its time, when only
 * reference, image or generation differ; `prepend` otherwise.
 */
export type HistoryStep = 'same' | 'update' | 'prepend'

export function historyStep(newest: TagEvent | undefined, event: TagEvent): HistoryStep {
  if (newest === undefined) return 'prepend'
  const sameReference = newest.dockerImageReference === event.dockerImageReference
  const sameImage = newest.image === event.image
  if (!sameReference && !sameImage) return 'prepend'
  return sameReference && sameImage && newest.generation === event.generation ? 'same' : 'update'
}

/** The history with the event added; the same object when that changes nothing. Conditions go with any change. */
export function addToHistory(history: NamedTagEventList, event: TagEvent): NamedTagEventList {
  const [newest, ...older] = history.items ?? []
  const step = historyStep(newest, event)
  if (step === 'same') return history
  if (newest === undefined || step === 'prepend') {
    return { tag: history.tag, items: [event, ...(history.items ?? [])] }
  }
  return { tag: history.tag, items: [{ ...event, created: newest.created }, ...older] }
}

/** The stream with the event added to the history of a tag; the same object when that changes nothing. */
export function addTagEvent(stream: ImageStream, tag: string, event: TagEvent): ImageStream {
  const history = statusTag(stream, tag) ?? { tag, items: null }
  const next = addToHistory(history, event)
  return next === history ? stream : withStatusTag(stream, next)
}

/** Generation of the newest event alone changed, e.g. because another tag was made from it (§7.2). */
export function withLatestGeneration(stream: ImageStream, tag: string, generation: number): ImageStream {
  const history = statusTag(stream, tag)
  const [newest, ...older] = history?.items ?? []
  if (history === undefined || newest === undefined || newest.generation === generation) return stream
  return withStatusTag(stream, { ...history, items: [{ ...newest, generation }, ...older] })
}
