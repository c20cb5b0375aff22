import { resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import { formatExact, parseReference } from '../../oci/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { imageStreamImports, imageStreams, typedAccept } from '../resources/image-api.ts'
import type { StreamObject } from '../resources/image-types.ts'
import { planImport } from './import-plan.ts'
import { hasFailed, type ImportAnswer, reportImport } from './import-report.ts'
import { toImportRequest } from './import-request.ts'

/** cli.md §2. */

export const importImageCommand: Command = {
  usage: 'IMAGESTREAM[:TAG]',
  long: `Import images from a registry into an image stream, now.

Without --all one tag is imported. --confirm lets the stream be created, or its source be changed.`,
  examples: `# Look again at the source of a tag
$0 import-image ruby:2.0

# A new stream from a repository
$0 import-image ruby --from=docker.io/library/ruby --all --confirm`,
  flags: [
    ...printFlags,
    {
      name: 'all',
      kind: 'bool',
      help: 'Import all tags of the repository, or all tags of the stream that come from one.',
    },
    { name: 'confirm', kind: 'bool', help: 'The stream may be created, or its source changed.' },
    { name: 'dry-run', kind: 'bool', help: 'Fetch and show the images without keeping anything.' },
    { name: 'from', kind: 'string', help: 'The repository, or one image of it.' },
    {
      name: 'import-mode',
      kind: 'string',
      shownDefault: "'Legacy'",
      help: 'Legacy (one platform of a manifest list) or PreserveOriginal (all of it).',
    },
    {
      name: 'insecure',
      kind: 'bool',
      help: 'The registry may speak HTTP or have a certificate that nobody vouches for.',
    },
    {
      name: 'reference-policy',
      kind: 'string',
      default: 'source',
      help: 'Where followers pull from: source or local.',
    },
    { name: 'scheduled', kind: 'bool', help: 'Import again from time to time.' },
  ],
  run: runImport,
}

export interface ImportTarget {
  /** As typed. */
  text: string
  name: string
  /** '' with --all. */
  tag: string
}

/** cli.md §2.1. */
function parseTarget(text: string, all: boolean): ImportTarget {
  const reference = parseReference(text)
  if (reference === undefined || reference.name === '') {
    throw new CliError(
      'the image name must be a valid container image pull spec or reference to an image stream (e.g. myregistry/myteam/image:tag)',
    )
  }
  if (reference.id !== '') throw new CliError("to import images by ID, use the 'tag' command")
  if (reference.tag !== '' && all) {
    throw new CliError(`cannot specify a tag ${JSON.stringify(formatExact(reference))} as well as --all`)
  }
  const name = reference.name.slice(reference.name.lastIndexOf('/') + 1)
  return { text, name, tag: all ? '' : reference.tag || 'latest' }
}

function checkModes({ flags }: CommandContext): void {
  if (!['source', 'local'].includes(flags.string('reference-policy').toLowerCase())) {
    throw new CliError('valid reference policy values are source or local')
  }
  if (!['', 'Legacy', 'PreserveOriginal'].includes(flags.string('import-mode'))) {
    throw new CliError('valid ImportMode values are Legacy or PreserveOriginal')
  }
}

async function runImport(context: CommandContext): Promise<number> {
  const { flags, args, session, io } = context
  const target = parseTarget(args[0] ?? '', flags.bool('all'))
  checkModes(context)
  const output =
    flags.string('output') === '' && flags.string('template') === ''
      ? undefined
      : await createResultPrinter(context, { typed: true })
  const namespace = await session.namespace()
  const rest = await session.rest()
  const existing = await readStream(context, namespace, target.name)
  const plan = planImport(target, existing, {
    from: flags.string('from'),
    confirm: flags.bool('confirm'),
    all: flags.bool('all'),
  })
  const body = toImportRequest(plan, flags, namespace)
  const answer = await rest.json<ImportAnswer>({
    method: 'POST',
    path: resourcePath(imageStreamImports, namespace),
    body,
    accept: typedAccept,
  })
  if (output !== undefined) output.print(plan.stream, hasFailed(answer) ? 'imported with errors' : 'imported')
  else {
    const { stdout, stderr } = reportImport(answer, target.name, flags.bool('dry-run'), io.now())
    io.stderr.write(stderr)
    io.stdout.write(stdout)
  }
  if (hasFailed(answer)) throw new CliError('imported completed with errors')
  return 0
}

async function readStream(
  { session }: CommandContext,
  namespace: string,
  name: string,
): Promise<StreamObject | undefined> {
  const rest = await session.rest()
  try {
    return await rest.json<StreamObject>({
      method: 'GET',
      path: resourcePath(imageStreams, namespace, name),
      accept: typedAccept,
    })
  } catch (error) {
    if (isApiError(error) && error.code === 404) return undefined
    throw error
  }
}
