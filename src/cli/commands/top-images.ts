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

/** `ns/stream (tag,tag)` for each stream that shows the image under some tag now. */
function streamsOf(image: string, streams: readonly StreamObject[]): string[] {
  return streams.flatMap((stream) => {
    const tags = stream.status?.tags ?? []
    const newest = tags.filter((tag) => tag.items?.[0]?.image === image).map((tag) => tag.tag)
    if (newest.length === 0) return []
    return [`${stream.metadata.namespace}/${stream.metadata.name} (${sortTags(newest).join(',')})`]
  })
}

/** Images whose layers are the beginning of this one's. */
function parentsOf(image: ImageObject, all: readonly ImageObject[]): string[] {
  const layers = (image.dockerImageLayers ?? []).map((layer) => layer.name)
  const longest = all
    .filter((other) => other !== image)
    .map((other) => ({ other, own: (other.dockerImageLayers ?? []).map((layer) => layer.name) }))
    .filter(
      ({ own }) => own.length > 0 && own.length < layers.length && own.every((name, i) => name === layers[i]),
    )
    .sort((a, b) => b.own.length - a.own.length)[0]
  return longest === undefined ? [] : [longest.other.metadata.name ?? '']
}

function usesOf(image: ImageObject, pods: readonly Pod[]): string[] {
  const { name = '' } = image.metadata
  const using = pods.filter((pod) =>
    [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].some((container) =>
      container.image?.endsWith(`@${name}`),
    ),
  )
  return [...new Set(using.map(podUse))]
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
  const rows = images.map((image) => {
    const { name = '' } = image.metadata
    const used = streamsOf(name, streams)
    const parents = parentsOf(image, images).map((parent) =>
      parent.length > 17 ? `${parent.slice(0, 17)}...` : parent,
    )
    const hasMetadata = Boolean(image.dockerImageManifest) && (image.dockerImageLayers ?? []).length > 0
    const size = imageSize(image)
    const cells = [
      name,
      list(used),
      list(parents),
      list(usesOf(image, pods as Pod[])),
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
