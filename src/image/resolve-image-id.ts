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
  const matches = allEvents(stream).filter(({ image }) => image !== '' && matchesImage(image, wanted))
  const images = [...new Set(matches.map((event) => event.image))].sort()
  const [event] = matches
  if (event === undefined) return { kind: 'none' }
  return images.length > 1 ? { kind: 'many', images } : { kind: 'found', event }
}
