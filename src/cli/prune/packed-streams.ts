import type { ImageStream } from '../../api/index.ts'
import { createNameNumbers, type NameNumbers } from '../../image/index.ts'

/** What pruning reads of streams, 8 bytes for each entry of a history and what the names take once. */
export interface PackedStreams extends Iterable<ImageStream> {
  add(stream: ImageStream): void
}

const absent = ''

/**
 * A stream is a run of numbers of texts: namespace, name, time, repository, how many tags; of each tag its name and how many items; of
 * each item image and time. A time that is null is as good as one that is absent.
 */
/** Images that are numbered already by who else knows them take no room for their names. */
export function createPackedStreams(texts: NameNumbers = createNameNumbers()): PackedStreams {
  let packed = new Uint32Array(1024)
  let end = 0

  function push(value: number): void {
    if (end === packed.length) {
      const wide = new Uint32Array(end * 2)
      wide.set(packed)
      packed = wide
    }
    packed[end++] = value
  }
  const pushText = (text: string | null | undefined): void => push(texts.number(text ?? absent))

  return {
    add({ metadata, status }) {
      const { namespace, name, creationTimestamp } = metadata
      for (const text of [namespace, name, creationTimestamp, status?.dockerImageRepository]) pushText(text)
      const tags = status?.tags ?? []
      push(tags.length)
      for (const { tag, items } of tags) {
        pushText(tag)
        push(items?.length ?? 0)
        for (const { image, created } of items ?? []) {
          pushText(image)
          pushText(created)
        }
      }
    },

    *[Symbol.iterator]() {
      let at = 0
      const next = (): number => packed[at++]!
      const text = (): string => texts.name(next())
      const many = <T>(make: () => T): T[] => Array.from({ length: next() }, make)
      while (at < end) {
        const metadata = { namespace: text(), name: text(), creationTimestamp: text() }
        const dockerImageRepository = text()
        const tags = many(() => ({ tag: text(), items: many(() => ({ image: text(), created: text() })) }))
        yield { metadata, status: { dockerImageRepository, tags } } as ImageStream
      }
    },
  }
}
