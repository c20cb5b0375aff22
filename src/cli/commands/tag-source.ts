import { resourcePath } from '../../client/index.ts'
import { formatExact, type ImageReference, parseReference } from '../../oci/index.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { imageStreams, typedAccept } from '../resources/image-api.ts'
import type { StreamObject } from '../resources/image-types.ts'

/** What a tag shall point to (cli.md §1.1). */
export interface Source {
  kind: 'DockerImage' | 'ImageStreamTag' | 'ImageStreamImage'
  reference: ImageReference
}

export interface SourceRequest {
  /** As typed. */
  text: string
  parsed: ImageReference
  /** From --source. */
  kind: Source['kind'] | undefined
  namespace: string
  alias: boolean
}

export function formatSource(source: Source): string {
  return formatExact(source.reference)
}

/** The name inside of its namespace: `name@id`, `name:tag` or `name`. */
export function nameString({ name, tag, id }: ImageReference): string {
  return formatExact({ registry: '', namespace: '', name, tag, id })
}

function kindByForm(reference: ImageReference): Source['kind'] {
  if (reference.registry !== '') return 'DockerImage'
  if (reference.id !== '') return 'ImageStreamImage'
  return reference.tag === '' ? 'DockerImage' : 'ImageStreamTag'
}

/** A kind that was asked for must suit the text. */
function checkForced(kind: Source['kind'], reference: ImageReference, namespace: string): ImageReference {
  if (kind === 'DockerImage') return reference
  if (reference.registry !== '') {
    throw new CliError('server in SOURCE is only allowed when providing a container image')
  }
  if (kind === 'ImageStreamTag' && reference.tag === '') {
    throw new CliError('--source=ImageStreamTag requires a valid <name>:<tag> in SOURCE')
  }
  if (kind === 'ImageStreamImage' && reference.id === '') {
    throw new CliError('--source=ImageStreamImage requires a valid <name>@<id> in SOURCE')
  }
  return reference.namespace === 'library' ? { ...reference, namespace } : reference
}

export async function resolveSource(context: CommandContext, request: SourceRequest): Promise<Source> {
  const kind = request.kind ?? kindByForm(request.parsed)
  const reference =
    request.kind === undefined ? request.parsed : checkForced(kind, request.parsed, request.namespace)
  if (kind !== 'ImageStreamTag' || request.alias) return { kind, reference }
  return resolveTag(context, request, reference)
}

/** A tag becomes what it shows now: an image of its stream, or the pull spec of a mere reference. */
async function resolveTag(
  context: CommandContext,
  request: SourceRequest,
  reference: ImageReference,
): Promise<Source> {
  const rest = await context.session.rest()
  const path = resourcePath(imageStreams, reference.namespace || request.namespace, reference.name)
  const stream = await rest.json<StreamObject>({ method: 'GET', path, accept: typedAccept })
  const item = stream.status?.tags?.find((status) => status.tag === reference.tag)?.items?.[0]
  if (item === undefined) {
    throw new CliError(
      `${JSON.stringify(request.text)} is not currently pointing to an image, cannot use it as the source of a tag`,
    )
  }
  if (item.image) return { kind: 'ImageStreamImage', reference: { ...reference, tag: '', id: item.image } }
  const pullSpec = parseReference(item.dockerImageReference ?? '')
  if (pullSpec === undefined) throw new CliError(`invalid reference format`)
  return { kind: 'DockerImage', reference: pullSpec }
}
