import type { ImageStream, TagEvent } from '../api/image/index.ts'
import { statusTags } from './stream-tags.ts'
import { matchesImage } from './virtual-name.ts'

/** Every event of every tag of a stream, newest first within a tag. */
export function allEvents(stream: ImageStream): TagEvent[] {
  return statusTags(stream).flatMap((tag) => tag.items ?? [])
}

/** Names of all images that the stream ever held and still remembers. */
export function imagesInHistory(stream: ImageStream): Set<string> {
  return new Set(
    allEvents(stream)
      .map((event) => event.image)
      .filter((image) => image !== ''),
  )
}

export type FoundEvent =
  | { kind: 'found'; event: TagEvent }
  | { kind: 'none' }
  | { kind: 'many'; images: string[] }

/** Finds the one image in a stream's history that a digest, possibly shortened, means. */
export function findImageEvent(stream: ImageStream, wanted: string): FoundEvent {
  const found = new Map<string, TagEvent>()
  for (const { items } of statusTags(stream)) {
    for (const event of items ?? []) {
      const { image } = event
      if (image !== '' && !found.has(image) && matchesImage(image, wanted)) found.set(image, event)
    }
  }
  const [event, ...others] = found.values()
  if (event === undefined) return { kind: 'none' }
  return others.length > 0 ? { kind: 'many', images: [...found.keys()].sort() } : { kind: 'found', event }
}
