import {
  imageResource,
  imageStreamImages,
  imageStreams,
  type PullSecret,
  toSecretList,
} from '../../api/image/index.ts'
import { secrets } from '../../api/index.ts'
import { readStreamImageName, requireStreamImage, toStreamImage } from '../../image/index.ts'
import type { KubeList, KubeObject } from '../../machinery/object.ts'
import type { Endpoint } from '../endpoint.ts'
import type { ImageEndpointDeps } from './deps.ts'
import type { StreamAccess } from './stream-access.ts'
import { readLayers } from './stream-layers.ts'

/** Views that are only read: `imagestreamimages`, `imagestreams/layers`, `imagestreams/secrets` (image-api.md §13). */
export function createStreamReadEndpoints(deps: ImageEndpointDeps, access: StreamAccess): Endpoint[] {
  const streamImages = imageResource('imagestreamimages')
  return [
    {
      kind: imageStreamImages,
      async get({ namespace, name }) {
        const parts = readStreamImageName(name)
        const { stream } = await access.require(namespace, parts.stream, streamImages)
        const image = requireStreamImage(await readLayers(stream, access), parts)
        return toStreamImage(stream, parts.id, await access.requireImage(image, streamImages))
      },
    },
    {
      kind: imageStreams,
      subresource: 'layers',
      async get({ namespace, name }) {
        const { stream } = await access.require(namespace, name, imageResource('imagestreams'))
        return readLayers(stream, access)
      },
    },
    {
      kind: imageStreams,
      subresource: 'secrets',
      /** Whatever the name: secrets have to be known before the first import makes the stream. */
      async get({ namespace, selectors }) {
        const list: KubeList<PullSecret> = await deps.system.list(secrets, namespace, selectors)
        return toSecretList(list) as unknown as KubeObject
      },
    },
  ]
}
