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
 * Tags of every stream, streams by namespace and name. Labels are the stream's; a limit is not heeded, for what it cuts off
 * could not be continued; the list has no revision (image-api.md §11.3, §12).
 */
export async function listTags<T extends KubeObject>(
  kind: Kind<T>,
  { namespace, options }: ListRequest,
  deps: ImageEndpointDeps,
  toItems: (stream: ImageStream) => T[],
): Promise<KubeList> {
  const { labelSelector, fieldSelector, resourceVersion, resourceVersionMatch } = options
  const selection = selectionOf(kind, fieldSelector === undefined ? {} : { fieldSelector })
  const streams = await listObjects(
    imageStreams,
    namespace,
    {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(resourceVersionMatch === undefined ? {} : { resourceVersionMatch }),
    },
    deps,
  )
  const items = streams.items.flatMap((stream) =>
    toItems(decorateStream(stream as ImageStream, deps.settings)),
  )
  return { metadata: {}, items: items.filter((item) => selection.matches(item)) }
}
