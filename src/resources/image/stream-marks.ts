import { type ImageStream, imageStreams } from '../../api/image/index.ts'
import { hasScheduledTag, importRequestFor } from '../../image/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Store } from '../../store/store.ts'
import { type Marking, markedEntries } from '../marks.ts'
import { decodeObject } from '../object-codec.ts'

/** A stream that waits for an import, or has tags that are looked after from time to time. */
export type StreamMark = 'import' | 'scheduled'

export const streamMarking: Marking = {
  kind: imageStreams,
  version: 1,
  of(object: KubeObject): StreamMark[] {
    const stream = object as ImageStream
    return [
      ...(importRequestFor(stream) === undefined ? [] : (['import'] as const)),
      ...(hasScheduledTag(stream) ? (['scheduled'] as const) : []),
    ]
  },
}

/** The streams that have the mark. */
export async function* markedStreams(store: Store, mark: StreamMark): AsyncGenerator<ImageStream> {
  for await (const { value, revision } of markedEntries(store, imageStreams, mark)) {
    yield decodeObject(value, revision) as ImageStream
  }
}
