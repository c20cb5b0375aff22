import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { sortTags } from '../describe/tag-order.ts'
import { visible } from '../io.ts'
import { binarySize } from '../print/age.ts'
import { formatTabs, topLayout } from '../print/tab-writer.ts'
import type { ImageObject, StreamObject } from '../resources/image-types.ts'
import { imageSize, readTop } from './top-read.ts'

/** cli.md §17.2, `adm top images`. */
export const topImagesCommand: Command = {
  usage: '',
  long: 'Show the images, who uses them, and how much room they take.',
  run: runTopImages,
}

interface Pod extends KubeObject {
  spec?: { containers?: { image?: string }[] | null; initContainers?: { image?: string }[] | null }
}

/** What is looked up for each image is gathered once: all of it is as long as what there is. */
interface TopIndex {
  /** `ns/stream (tag,tag)` for each stream that shows the image under some tag now. */
  streams: Map<string, string[]>
  /** The first image of each list of layers. */
  byLayers: Map<string, string>
  uses: Map<string, Set<string>>
}

function indexTop(
  images: readonly ImageObject[],
  streams: readonly StreamObject[],
  pods: readonly Pod[],
): TopIndex {
  const index: TopIndex = { streams: new Map(), byLayers: new Map(), uses: new Map() }
  for (const stream of streams) {
    const name = `${stream.metadata.namespace}/${stream.metadata.name}`
    const shown = Map.groupBy(stream.status?.tags ?? [], (tag) => tag.items?.[0]?.image ?? '')
    for (const [image, tags] of shown) {
      const text = `${name} (${sortTags(tags.map(({ tag }) => tag)).join(',')})`
      const known = index.streams.get(image)
      if (known === undefined) index.streams.set(image, [text])
      else known.push(text)
    }
  }
  for (const image of images) {
    const key = layersOf(image).join(' ')
    if (key !== '' && !index.byLayers.has(key)) index.byLayers.set(key, image.metadata.name ?? '')
  }
  for (const pod of pods) {
    for (const { image = '' } of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
      const id = image.slice(image.lastIndexOf('@') + 1)
      index.uses.set(id, (index.uses.get(id) ?? new Set()).add(podUse(pod)))
    }
  }
  return index
}

const layersOf = (image: ImageObject) => (image.dockerImageLayers ?? []).map(({ name }) => name)

/** The image whose layers are the longest beginning of this one's. */
function parentsOf(image: ImageObject, { byLayers }: TopIndex): string[] {
  const layers = layersOf(image)
  for (let count = layers.length - 1; count > 0; count--) {
    const parent = byLayers.get(layers.slice(0, count).join(' '))
    if (parent !== undefined) return [parent]
  }
  return []
}

function podUse({ metadata }: Pod): string {
  const { namespace = '', annotations = {} } = metadata
  const build = annotations['openshift.io/build.name']
  const deployer =
    annotations['openshift.io/deployment-config.name'] &&
    metadata.labels?.['openshift.io/deployer-pod-for.name']
  const deployment = annotations['openshift.io/deployment.name']
  if (build) return `Build: ${namespace}/${build}`
  if (deployer) return `Deployer: ${namespace}/${deployer}`
  return deployment ? `Deployment: ${namespace}/${deployment}` : '<unknown>'
}

const list = (values: readonly string[]) => (values.length === 0 ? '<none>' : values.join(', '))

async function runTopImages(context: CommandContext): Promise<void> {
  const { io } = context
  const { images, streams, pods } = await readTop(context, true)
  const index = indexTop(images, streams, pods as Pod[])
  const rows = images.map((image) => {
    const { name = '' } = image.metadata
    const used = index.streams.get(name) ?? []
    const parents = parentsOf(image, index).map((parent) =>
      parent.length > 17 ? `${parent.slice(0, 17)}...` : parent,
    )
    const hasMetadata = Boolean(image.dockerImageManifest) && (image.dockerImageLayers ?? []).length > 0
    const size = imageSize(image)
    const cells = [
      name,
      list(used),
      list(parents),
      list([...(index.uses.get(name) ?? [])]),
      hasMetadata ? 'yes' : 'no',
      binarySize(size),
    ]
    return { streams: used.length, size, cells }
  })
  rows.sort((a, b) => b.streams - a.streams || b.size - a.size)
  const lines = [
    ['NAME', 'IMAGESTREAMTAG', 'PARENTS', 'USAGE', 'METADATA', 'STORAGE'],
    ...rows.map((row) => row.cells),
  ]
  io.stdout.write(formatTabs(lines.map((cells) => `${visible(cells.join('\t'))}\t\n`).join(''), topLayout))
}
