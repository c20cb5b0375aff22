import { resourcePath } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { imageStreams, images, typedAccept } from '../resources/image-api.ts'
import type { ImageObject, StreamObject } from '../resources/image-types.ts'

export interface TopData {
  images: ImageObject[]
  streams: StreamObject[]
  pods: KubeObject[]
}

/** Images are the cluster's; -n narrows streams and pods only. */
export async function readTop({ session }: CommandContext, withPods: boolean): Promise<TopData> {
  const rest = await session.rest()
  const target = await session.target()
  const namespace = target.namespaceGiven ? target.namespace : ''
  const items = async <T>(path: string) => {
    const answer = await rest.json<{ items?: T[] | null }>({ method: 'GET', path, accept: typedAccept })
    return answer.items ?? []
  }
  const all = await items<ImageObject>(resourcePath(images, ''))
  const streams = await items<StreamObject>(resourcePath(imageStreams, namespace))
  const pods = withPods
    ? await items<KubeObject>(namespace === '' ? '/api/v1/pods' : `/api/v1/namespaces/${namespace}/pods`)
    : []
  return { images: all, streams, pods }
}

/** Bytes of the image's layers, each once, and of its configuration where that is kept. */
export function imageSize(image: ImageObject): number {
  const layers = new Map((image.dockerImageLayers ?? []).map((layer) => [layer.name, layer.size]))
  const config = Buffer.byteLength(image.dockerImageConfig ?? '')
  return [...layers.values()].reduce((sum, size) => sum + size, config)
}
