import type { Command, CommandContext } from '../command.ts'
import { visible } from '../io.ts'
import { binarySize } from '../print/age.ts'
import { formatTabs, topLayout } from '../print/tab-writer.ts'
import type { ImageObject, StreamObject } from '../resources/image-types.ts'
import { readTop } from './top-read.ts'

/** cli.md §17.2, `adm top imagestreams`. */
export const topStreamsCommand: Command = {
  usage: '',
  long: 'Show the image streams and how much room their images take.',
  run: runTopStreams,
}

interface Row {
  name: string
  size: number
  images: number
  layers: number
}

function rowOf(stream: StreamObject, images: ReadonlyMap<string, ImageObject>): Row {
  const ids = new Set(
    (stream.status?.tags ?? []).flatMap((tag) => (tag.items ?? []).map((item) => item.image ?? '')),
  )
  const own = [...ids].flatMap((id) => images.get(id) ?? [])
  const layers = own.flatMap((image) => image.dockerImageLayers ?? [])
  const unique = new Map(layers.map((layer) => [layer.name, layer.size]))
  return {
    name: `${stream.metadata.namespace}/${stream.metadata.name}`,
    size: [...unique.values()].reduce((sum, size) => sum + size, 0),
    images: own.length,
    layers: layers.length,
  }
}

async function runTopStreams(context: CommandContext): Promise<void> {
  const { images, streams } = await readTop(context, false)
  const byName = new Map(images.map((image) => [image.metadata.name ?? '', image]))
  const rows = streams
    .map((stream) => rowOf(stream, byName))
    .sort((a, b) => b.size - a.size || b.images - a.images)
  const lines = [
    ['NAME', 'STORAGE', 'IMAGES', 'LAYERS'],
    ...rows.map(({ name, size, images: count, layers }) => [
      name,
      binarySize(size),
      String(count),
      String(layers),
    ]),
  ]
  context.io.stdout.write(
    formatTabs(lines.map((cells) => `${visible(cells.join('\t'))}\t\n`).join(''), topLayout),
  )
}
