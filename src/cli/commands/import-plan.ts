import { CliError } from '../errors.ts'
import { imageApiVersion } from '../resources/image-api.ts'
import type { StreamObject, TagSpec } from '../resources/image-types.ts'
import type { ImportTarget } from './import-image.ts'

/** What an import fetches, decided from the stream alone (cli.md §2.2). */

export interface PlannedImage {
  from: string
  /** Tag of the stream. */
  to: string
  /** Of the tag as it is. */
  insecure: boolean
  scheduled: boolean
}

export interface ImportPlan {
  /** The stream with the edits that the import stands for; what -o prints. */
  stream: StreamObject
  exists: boolean
  /** The whole repository, or else images. */
  repository?: string
  images: PlannedImage[]
}

export interface PlanOptions {
  /** '' when not given. */
  from: string
  confirm: boolean
  all: boolean
}

export function planImport(
  target: ImportTarget,
  stream: StreamObject | undefined,
  options: PlanOptions,
): ImportPlan {
  if (stream === undefined) return planNew(target, options)
  return options.all ? planAll(stream, options) : planTag(target, stream, options)
}

function planNew(target: ImportTarget, { from, confirm, all }: PlanOptions): ImportPlan {
  if (!confirm)
    throw new CliError(
      `no image stream named ${JSON.stringify(target.name)} exists, pass --confirm to create and import`,
    )
  const source = from || target.text
  const spec = all
    ? { lookupPolicy: { local: false }, dockerImageRepository: source }
    : { lookupPolicy: { local: false }, tags: [newTag(source)] }
  const stream = {
    kind: 'ImageStream',
    apiVersion: imageApiVersion,
    metadata: { name: target.name },
    spec,
    status: { dockerImageRepository: '' },
  }
  const images = all ? [] : [{ from: source, to: target.tag, insecure: false, scheduled: false }]
  return { stream, exists: false, images, ...(all ? { repository: source } : {}) }
}

/** A tag of the stream as the client holds it; the server never sees this one. */
function newTag(from: string): TagSpec {
  return {
    name: '',
    annotations: null,
    from: { kind: 'DockerImage', name: from },
    generation: null,
    importPolicy: {},
    referencePolicy: { type: 'Source' },
  }
}

function toImage(tag: TagSpec): PlannedImage {
  return {
    from: tag.from?.name ?? '',
    to: tag.name,
    insecure: tag.importPolicy?.insecure === true,
    scheduled: tag.importPolicy?.scheduled === true,
  }
}

function planAll(stream: StreamObject, { from, confirm }: PlanOptions): ImportPlan {
  const current = stream.spec?.dockerImageRepository ?? ''
  const source = from || current
  if (source === '') {
    const images = (stream.spec?.tags ?? []).filter((tag) => tag.from?.kind === 'DockerImage').map(toImage)
    if (images.length === 0)
      throw new CliError('image stream does not have tags pointing to external container images')
    return { stream, exists: true, images }
  }
  if (source !== current && !confirm) {
    throw new CliError(
      current === ''
        ? 'the image stream does not currently import an entire Docker repository, pass --confirm to update'
        : `the image stream has a different import spec ${JSON.stringify(current)}, pass --confirm to update`,
    )
  }
  const edited = { ...stream, spec: { ...stream.spec, dockerImageRepository: source } }
  return { stream: edited, exists: true, images: [], repository: source }
}

type Followed = { tag: TagSpec; viaAlias: boolean } | undefined

/** The tag at the end of a chain of same-stream tags; undefined when it, or one on the way, is not there. */
function followTag(stream: StreamObject, name: string): Followed {
  const tags = stream.spec?.tags ?? []
  const seen = new Set<string>()
  let at = name
  for (;;) {
    seen.add(at)
    const tag = tags.find((one) => one.name === at)
    if (tag === undefined) return undefined
    const { from } = tag
    if (from?.kind !== 'ImageStreamTag') return { tag, viaAlias: at !== name }
    const next = nextTag(stream, tag, at)
    if (seen.has(next))
      throw new CliError(`tag ${JSON.stringify(name)} on the image stream is a reference to same tag`)
    at = next
  }
}

function nextTag(stream: StreamObject, { from }: TagSpec, name: string): string {
  const elsewhere = () =>
    new CliError(`tag ${JSON.stringify(name)} points to an imagestreamtag from another ImageStream`)
  if (from?.namespace && from.namespace !== stream.metadata.namespace) throw elsewhere()
  const parts = (from?.name ?? '').split(':')
  if (parts.length > 2 || parts.includes('')) {
    throw new CliError(`tag ${JSON.stringify(name)} points to an invalid imagestreamtag`)
  }
  if (parts.length === 1) return parts[0] as string
  if (parts[0] !== stream.metadata.name) throw elsewhere()
  return parts[1] as string
}

function planTag(target: ImportTarget, stream: StreamObject, options: PlanOptions): ImportPlan {
  const followed = followTag(stream, target.tag)
  if (followed === undefined) return planMissing(target, stream, options)
  const { tag, viaAlias } = followed
  const shown = JSON.stringify(target.tag)
  const { from } = tag
  if (!from) {
    throw new CliError(
      `tag ${shown} already exists - you must use the 'tag' command if you want to change the source to ${JSON.stringify(options.from)}`,
    )
  }
  if (from.kind !== 'DockerImage') {
    throw new CliError(
      `tag ${shown} points to existing ${from.kind} ${JSON.stringify(from.name)}, it cannot be re-imported`,
    )
  }
  if (options.from !== '' && options.from !== from.name) {
    const via = viaAlias ? `points to the tag ${JSON.stringify(tag.name)} which points to` : 'points to'
    throw new CliError(
      `the tag ${shown} ${via} ${JSON.stringify(from.name)} - use the 'tag' command if you want to change the source to ${JSON.stringify(options.from)}`,
    )
  }
  return { stream, exists: true, images: [toImage(tag)] }
}

function planMissing(target: ImportTarget, stream: StreamObject, { from }: PlanOptions): ImportPlan {
  const source = from || (target.tag === 'latest' ? (stream.spec?.dockerImageRepository ?? '') : '')
  if (source === '') {
    throw new CliError(
      `the tag ${JSON.stringify(target.tag)} does not exist on the image stream - choose an existing tag to import or use the 'tag' command to create a new tag`,
    )
  }
  const tag = { ...newTag(source), name: target.tag }
  const edited = { ...stream, spec: { ...stream.spec, tags: [...(stream.spec?.tags ?? []), tag] } }
  return {
    stream: edited,
    exists: true,
    images: [{ from: source, to: target.tag, insecure: false, scheduled: false }],
  }
}
