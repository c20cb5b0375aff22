import { setTimeout as sleep } from 'node:timers/promises'
import type { Image, ImageStream, ImageStreamLayers } from '../../api/image/index.ts'
import { childImages, imagesInHistory, toLayers } from '../../image/index.ts'
import type { StreamAccess } from './stream-access.ts'

/** An Image may be on its way while its stream is already here: one second look (image-api.md §13.2). */
const secondLook = 250

/** All images of the stream's history and their blobs. */
export async function readLayers(stream: ImageStream, access: StreamAccess): Promise<ImageStreamLayers> {
  const first = toLayers(stream, await knownImages(stream, access))
  if (first.missing.length === 0) return first.layers
  await sleep(secondLook)
  return toLayers(stream, await knownImages(stream, access)).layers
}

async function knownImages(stream: ImageStream, access: StreamAccess) {
  const known = new Map<string, Image | undefined>()
  let wanted = [...imagesInHistory(stream)]
  while (wanted.length > 0) {
    const found = await Promise.all(wanted.map((name) => access.image(name)))
    for (const [index, name] of wanted.entries()) known.set(name, found[index])
    const children = found.flatMap((image) => (image === undefined ? [] : childImages(image)))
    wanted = [...new Set(children)].filter((name) => !known.has(name))
  }
  return (name: string) => known.get(name)
}
