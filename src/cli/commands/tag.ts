import { type ImageReference, parseReference, referenceProblem } from '../../oci/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, UsageError } from '../errors.ts'
import type { Parsed } from '../parse/flags.ts'
import { deleteTags } from './tag-delete.ts'
import { formatSource, resolveSource, type Source } from './tag-source.ts'
import { writeTag } from './tag-write.ts'

/** cli.md §1. */

export const tagCommand: Command = {
  usage: '[--source=SOURCETYPE] SOURCE DEST [DEST ...]',
  long: `Point image stream tags at images.

SOURCE is a tag or an image of a stream, or an image in a registry. A tag of a stream is resolved first: DEST then stays at the image that SOURCE shows now, unless --alias makes it follow.`,
  examples: `# Keep what 2.0 is now under another tag
$0 tag ruby:2.0 ruby:static-2.0

# Let latest follow 2.0
$0 tag --alias=true ruby:2.0 ruby:latest

# Import an image, and look for changes from time to time
$0 tag --scheduled=true docker.io/library/ruby:latest ruby:edge

# Remove a tag
$0 tag -d ruby:edge`,
  flags: [
    { name: 'alias', kind: 'bool', help: 'DEST follows SOURCE; both are tags of one stream.' },
    { name: 'delete', short: 'd', kind: 'bool', help: 'Remove the tags that are named.' },
    {
      name: 'import-mode',
      kind: 'string',
      help: 'Legacy (one platform of a manifest list) or PreserveOriginal (all of it).',
    },
    {
      name: 'insecure',
      kind: 'bool',
      help: 'The registry may speak HTTP or have a certificate that nobody vouches for.',
    },
    { name: 'reference', kind: 'bool', help: "Only note where the image is; don't import it." },
    {
      name: 'reference-policy',
      kind: 'string',
      default: 'source',
      help: 'Where followers pull from: source or local.',
    },
    { name: 'scheduled', kind: 'bool', help: 'Import again from time to time.' },
    {
      name: 'source',
      kind: 'string',
      help: 'What SOURCE is: docker, istag or isimage; by default its form decides.',
    },
  ],
  run: runTag,
}

export interface Destination {
  namespace: string
  /** `name:tag`, as typed. */
  nameAndTag: string
}

/** cli.md §1.1, "DEST". */
export function parseDestination(text: string, namespace: string): Destination {
  const parts = text.split('/')
  if (parts.length === 1) return { namespace, nameAndTag: text }
  if (parts.length > 2) throw new CliError(`invalid image stream ${JSON.stringify(text)}`)
  const [first, second] = parts as [string, string]
  if (first === '') throw new CliError(`invalid namespace "" for image stream ${JSON.stringify(text)}`)
  if (second === '') throw new CliError(`invalid name "" for image stream ${JSON.stringify(text)}`)
  return { namespace: first, nameAndTag: second }
}

async function runTag(context: CommandContext): Promise<void> {
  const { args, flags, session } = context
  if (args.length === 0 && !flags.bool('delete')) {
    throw new UsageError(
      'you must specify a source and at least one destination or one or more tags to delete',
    )
  }
  const namespace = await session.namespace()
  if (flags.bool('delete')) {
    const destinations = args.map((arg) => parseDestination(arg, namespace))
    validate(flags, { namespace, destinations })
    return deleteTags(context, destinations, namespace)
  }
  const [sourceText = '', ...rest] = args
  const kind = await sourceKind(context)
  const parsed = parseSource(sourceText)
  const destinations = rest.map((arg) => parseDestination(arg, namespace))
  const source = await resolveSource(context, {
    text: sourceText,
    parsed,
    kind,
    namespace,
    alias: flags.bool('alias'),
  })
  validate(flags, { namespace, destinations, source, parsed })
  await writeTags(context, source, destinations, namespace)
}

function parseSource(text: string): ImageReference {
  const parsed = parseReference(text)
  if (parsed === undefined) throw new CliError(`invalid SOURCE: ${referenceProblem(text)}`)
  return parsed
}

const sourceKinds: Record<string, Source['kind']> = {
  docker: 'DockerImage',
  dockerimage: 'DockerImage',
  imagestreamtag: 'ImageStreamTag',
  imagestreamtags: 'ImageStreamTag',
  imagestreamimage: 'ImageStreamImage',
  imagestreamimages: 'ImageStreamImage',
}

/** The kind that --source names: a type of the server, or one of two words of the client's own. */
async function sourceKind({ flags, session }: CommandContext): Promise<Source['kind'] | undefined> {
  const text = flags.string('source').trim()
  if (text === '') return undefined
  const { findResource } = await import('../../client/index.ts')
  const found = await session.discovery.find((discovered) => findResource(discovered, text))
  const kind = sourceKinds[found === undefined ? text.toLowerCase() : found.plural]
  if (kind !== undefined) return kind
  throw new UsageError(
    `invalid source ${JSON.stringify(text)}; valid values are docker, dockerimage, imagestreamimage, imagestreamtag, isimage, istag`,
  )
}

interface Checked {
  namespace: string
  destinations: readonly Destination[]
  source?: Source
  parsed?: ImageReference
}

/** cli.md §1.2, in its order. */
function validate(flags: Parsed, { namespace, destinations, source, parsed }: Checked): void {
  const fail = (message: string): never => {
    throw new CliError(message)
  }
  const importing = flags.bool('scheduled') || flags.bool('insecure')
  const alias = flags.bool('alias')
  if (alias && flags.bool('delete')) fail('--alias and --delete may not be both specified')
  if (!['source', 'local'].includes(flags.string('reference-policy'))) {
    fail("reference policy must be set to 'source' or 'local'")
  }
  if (flags.bool('delete')) {
    if (destinations.length === 0) fail('at least a destination is required')
    if (flags.string('source') !== '') fail('cannot specify a source kind when deleting')
    if (importing) fail('cannot set flags for importing images when deleting a tag')
    if (flags.string('import-mode') !== '') fail('cannot specify an import mode when deleting')
    return
  }
  if (destinations.length === 0) fail('at least a destination is required')
  if (importing && source?.kind !== 'DockerImage') fail('only container images can have importing flags set')
  if (alias) {
    if (importing) fail('cannot set a container image tag as an alias and also set import flags')
    for (const destination of destinations) {
      const [name, tag] = destination.nameAndTag.split(':')
      if (tag === undefined)
        fail(`${JSON.stringify(destination.nameAndTag)} must be of the form <stream_name>:<tag>`)
      if (destination.namespace !== namespace || parsed?.name !== name)
        fail('cannot set alias across different Image Streams')
    }
  }
  if (!['', 'Legacy', 'PreserveOriginal'].includes(flags.string('import-mode'))) {
    fail('valid ImportMode values are Legacy or PreserveOriginal')
  }
}

const tagShape = /^\w[\w.-]{0,127}$/

/** Stream and tag of a destination; checked only when its turn comes, so that those before it are written. */
export function splitDestination(nameAndTag: string, checkTag: boolean): { name: string; tag: string } {
  const at = nameAndTag.indexOf(':')
  if (at === -1) throw new CliError(`${JSON.stringify(nameAndTag)} must be of the form <stream_name>:<tag>`)
  const name = nameAndTag.slice(0, at)
  const tag = nameAndTag.slice(at + 1)
  if (checkTag && !tagShape.test(tag)) {
    throw new CliError(
      `invalid tag ${JSON.stringify(tag)} format, tags must start with an alphanumeric character followed by alphanumeric, '.' or '-' characters, and have a maximum of 128 characters`,
    )
  }
  return { name, tag }
}

async function writeTags(
  context: CommandContext,
  source: Source,
  destinations: readonly Destination[],
  namespace: string,
): Promise<void> {
  const { flags, io } = context
  for (const destination of destinations) {
    const { name, tag } = splitDestination(destination.nameAndTag, true)
    await writeTag(context, { source, namespace, destination: destination.namespace, name, tag })
    const prefix = destination.namespace === namespace ? '' : `${destination.namespace}/`
    io.stdout.write(
      `${resultLine(flags, `${prefix}${destination.nameAndTag}`, formatSource(source), prefix !== '')}\n`,
    )
  }
}

/** cli.md §1.4. */
function resultLine(flags: Parsed, destination: string, source: string, elsewhere: boolean): string {
  if (flags.bool('alias')) return `Tag ${destination} set up to track ${source}.`
  if (!flags.bool('scheduled')) return `Tag ${destination} set to ${source}.`
  // The missing word is what clients in the field print.
  return elsewhere
    ? `Tag ${destination} set to ${source} periodically.`
    : `Tag ${destination} set to import ${source} periodically.`
}
