import type { KubeObject } from '../../machinery/object.ts'
import { parseReference, referenceProblem } from '../../oci/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { imageApiVersion, imageStreamTags } from '../resources/image-api.ts'
import { bareGeneratorFlags, createGenerated, oneName } from './create-one.ts'
import { nameString } from './tag-source.ts'

/** cli.md §7.3. */
export const createImageStreamTagCommand: Command = {
  usage: 'NAME',
  long: 'Create a tag of an image stream, from an image in a registry or from another tag. The stream need not exist.',
  examples: `# A tag for an image elsewhere
$0 create imagestreamtag ruby:2.0 --from-image=docker.io/library/ruby:2.0

# A tag that follows another one of its stream
$0 create imagestreamtag ruby:latest --from=:2.0`,
  flags: [
    ...bareGeneratorFlags,
    {
      name: 'annotation',
      short: 'A',
      shortDeprecated: 'please use --annotation instead.',
      kind: 'array',
      help: 'An annotation, as key=value.',
    },
    { name: 'from', kind: 'string', help: 'A tag or an image of a stream.' },
    { name: 'from-image', kind: 'string', help: 'An image in a registry.' },
    {
      name: 'insecure',
      kind: 'bool',
      help: 'The registry may speak HTTP or have a certificate that nobody vouches for.',
    },
    { name: 'reference', kind: 'bool', help: "Only note where the image is; don't import it." },
    { name: 'reference-policy', kind: 'string', help: 'Where followers pull from: source or local.' },
    { name: 'scheduled', kind: 'bool', help: 'Import again from time to time.' },
  ],
  run: runCreateTag,
}

function readAnnotations(pairs: readonly string[]): Record<string, string> {
  const annotations: Record<string, string> = {}
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals === -1) throw new CliError('annotations must be of the form name=value')
    annotations[pair.slice(0, equals)] = pair.slice(equals + 1)
  }
  return annotations
}

function readPolicy(text: string): string {
  switch (text.toLowerCase()) {
    case '':
      return ''
    case 'source':
      return 'Source'
    case 'local':
      return 'Local'
    default:
      throw new CliError('valid values for --reference-policy are: source, local')
  }
}

function readFrom({ flags }: CommandContext): Record<string, string> | undefined {
  const from = flags.string('from')
  const image = flags.string('from-image')
  if (image !== '') return { kind: 'DockerImage', name: image }
  if (from === '') return undefined
  if (from.startsWith(':')) return { kind: 'ImageStreamTag', name: from.slice(1) }
  const reference = parseReference(from)
  if (reference === undefined) {
    throw new CliError(
      `Invalid --from, must be a valid image stream tag or image stream image: ${referenceProblem(from)}`,
    )
  }
  if (reference.registry !== '') throw new CliError('Invalid --from, registry may not be specified')
  const kind = reference.id === '' ? 'ImageStreamTag' : 'ImageStreamImage'
  const tagged = reference.id === '' && reference.tag === '' ? { ...reference, tag: 'latest' } : reference
  return {
    kind,
    ...(reference.namespace === '' ? {} : { namespace: reference.namespace }),
    name: nameString(tagged),
  }
}

async function runCreateTag(context: CommandContext): Promise<void> {
  const { flags } = context
  const name = oneName(context.args)
  const annotations = readAnnotations(flags.list('annotation'))
  if (flags.string('from') !== '' && flags.string('from-image') !== '') {
    throw new CliError('--from and --from-image may not be used together')
  }
  const type = readPolicy(flags.string('reference-policy'))
  const from = readFrom(context)
  const object = {
    kind: 'ImageStreamTag',
    apiVersion: imageApiVersion,
    metadata: { name, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    tag: {
      name: '',
      annotations,
      ...(from === undefined ? {} : { from }),
      ...(flags.bool('reference') ? { reference: true } : {}),
      generation: null,
      importPolicy: {
        ...(flags.bool('insecure') ? { insecure: true } : {}),
        ...(flags.bool('scheduled') ? { scheduled: true } : {}),
      },
      referencePolicy: { type },
    },
    generation: 0,
    lookupPolicy: { local: false },
    image: { metadata: {}, dockerImageMetadata: null },
  }
  await createGenerated(context, imageStreamTags, object as KubeObject, { bare: true })
}
