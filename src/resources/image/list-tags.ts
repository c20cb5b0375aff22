import type { ImageStream } from '../../api/image/index.ts'
import { imageStreams } from '../../api/image/index.ts'
import { decorateStream } from '../../image/index.ts'
import type { Kind } from '../../machinery/kind.ts'
import type { KubeList, KubeObject } from '../../machinery/object.ts'
import type { ListRequest } from '../endpoint.ts'
import { listObjects } from '../list-objects.ts'
import { selectionOf } from '../select.ts'
import type { ImageEndpointDeps } from './deps.ts'

/**
 * Tags of every stream, streams by namespace and name. Labels are the stream's; a limit counts streams, whose tags come all
 * together, and `continue` goes on with the next stream; the list has no revision (image-api.md §11.3, §12).
 */
export async function listTags<T extends KubeObject>(
  kind: Kind<T>,
  { namespace, options }: ListRequest,
  deps: ImageEndpointDeps,
  toItems: (stream: ImageStream) => T[],
): Promise<KubeList> {
  const { fieldSelector, ...ofStreams } = options
  const selection = selectionOf(kind, fieldSelector === undefined ? {} : { fieldSelector })
  const streams = await listObjects(imageStreams, namespace, ofStreams, deps)
  const items = streams.items.flatMap((stream) =>
    toItems(decorateStream(stream as ImageStream, deps.settings)),
  )
  const next = streams.metadata.continue
  return { metadata: next ? { continue: next } : {}, items: items.filter((item) => selection.matches(item)) }
}
