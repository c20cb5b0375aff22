import { resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, messageOf, throwCollected } from '../errors.ts'
import { readDryRun } from '../parse/dry-run.ts'
import { allFlag, dryRunFlag, fieldManagerFlag, fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { imageStreamImages, imageStreamTags, typedAccept } from '../resources/image-api.ts'
import type { ImageObject } from '../resources/image-types.ts'
import { patchSelected } from '../resources/patch-selected.ts'
import { type SelectedObject, selectObjects } from '../resources/select-objects.ts'
import { type Container, nest, podTemplate, templatePath } from '../resources/workload.ts'

/** cli.md §10. */
export const setImageCommand: Command = {
  usage:
    '(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  long: 'Change the image of containers; * stands for all of them.',
  examples: `# An image in a registry
$0 set image deploy/web web=docker.io/library/nginx:1.27

# What a tag of a stream shows now
$0 set image deploy/web web=nginx:stable --source=istag`,
  flags: [
    ...printFlags,
    ...fileFlags,
    selectorFlag,
    allFlag,
    dryRunFlag(),
    fieldManagerFlag('kubectl-set'),
    { name: 'local', kind: 'bool', help: 'Change what a file holds, without a server.' },
    {
      name: 'source',
      kind: 'string',
      default: 'docker',
      help: 'What the images are: docker, istag or isimage.',
    },
  ],
  run: runSetImage,
}

function splitWords(args: readonly string[]): { names: string[]; images: Map<string, string> } {
  const isPair = (arg: string) => arg.indexOf('=') > 0
  const names = args.filter((arg) => !isPair(arg))
  const images = new Map<string, string>()
  for (const arg of args.filter(isPair)) {
    const equals = arg.indexOf('=')
    images.set(arg.slice(0, equals), arg.slice(equals + 1))
  }
  return { names, images }
}

async function runSetImage(context: CommandContext): Promise<void> {
  const { args, flags, io } = context
  const { names, images } = splitWords(args)
  const dryRun = readDryRun(flags, io)
  const { objects } = await selectObjects(context, {
    args: names,
    accept: typedAccept,
    limit: 0,
    has: { all: true, selector: true, local: true },
  })
  if (images.size === 0) throw new CliError('at least one image update is required')
  const resolved = new Map<string, string>()
  for (const [container, image] of images)
    resolved.set(container, await resolveImage(context, container, image))
  const printer = await createResultPrinter(context, { dryRun })
  const errors: unknown[] = []
  for (const selected of objects) {
    try {
      const { patch, missing } = planPatch(selected, resolved)
      if (patch !== undefined) {
        const patched = await patchSelected(context, selected, patch, {
          dryRun,
          failure: 'failed to patch image update to pod template',
        })
        printer.print(patched, 'image updated')
      }
      for (const name of missing)
        errors.push(new CliError(`error: unable to find container named ${JSON.stringify(name)}`))
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}

/** What the workload is given: the text itself, or where the tag or image of a stream is. */
async function resolveImage(context: CommandContext, container: string, image: string): Promise<string> {
  const source = context.flags.string('source').toLowerCase()
  if (source === 'docker') return image
  const types: Record<string, { resource: typeof imageStreamTags; words: string }> = {
    istag: { resource: imageStreamTags, words: 'image stream tag' },
    imagestreamtag: { resource: imageStreamTags, words: 'image stream tag' },
    isimage: { resource: imageStreamImages, words: 'image stream image' },
    imagestreamimage: { resource: imageStreamImages, words: 'image stream image' },
  }
  const type = types[source]
  if (type === undefined)
    throw new CliError(
      `image source ${JSON.stringify(source)} is not valid; expected docker, istag or isimage`,
    )
  const fail = (why: string) =>
    new CliError(
      `unable to resolve image ${JSON.stringify(image)} for container ${JSON.stringify(container)}: ${why}`,
    )
  const { session } = context
  const slash = image.indexOf('/')
  const namespace = slash === -1 ? await session.namespace() : image.slice(0, slash)
  const name = image.slice(slash + 1)
  try {
    const rest = await session.rest()
    const path = resourcePath(type.resource, namespace, name)
    const found = await rest.json<{ image?: ImageObject }>({ method: 'GET', path, accept: typedAccept })
    const reference = found.image?.dockerImageReference
    if (reference) return reference
  } catch (error) {
    if (!isApiError(error)) throw error
    throw fail(`failed to get ${type.words} ${JSON.stringify(image)}: ${messageOf(error)}`)
  }
  throw fail(`unable to resolve istag ${JSON.stringify(image)}`)
}

function planPatch(
  { object }: SelectedObject,
  images: ReadonlyMap<string, string>,
): { patch?: Record<string, unknown>; missing: string[] } {
  const template = podTemplate(object)
  const path = templatePath(object.kind ?? '')
  const spec: Record<string, unknown> = {}
  const seen = new Set<string>()
  for (const field of ['initContainers', 'containers'] as const) {
    const all: Container[] = template?.spec?.[field] ?? []
    const changed = all.flatMap(({ name, image }) => {
      const next = images.get(name) ?? images.get('*')
      if (next === undefined) return []
      seen.add(name).add('*')
      return next === image ? [] : [{ image: next, name }]
    })
    if (changed.length > 0) {
      spec[`$setElementOrder/${field}`] = all.map(({ name }) => ({ name }))
      spec[field] = changed
    }
  }
  const missing = [...images.keys()].filter((name) => !seen.has(name))
  const empty = Object.keys(spec).length === 0 || path === undefined
  return { missing, ...(empty ? {} : { patch: nest([...path, 'spec'], spec) }) }
}
