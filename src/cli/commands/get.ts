import type { Command, CommandContext } from '../command.ts'
import { BareError, CliError } from '../errors.ts'
import {
  allNamespacesFlag,
  chunkFlag,
  fieldSelectorFlag,
  fileFlags,
  selectorFlag,
} from '../parse/selection-flags.ts'
import { columnsPrinter } from '../print/custom-columns.ts'
import { createPrinter, type ObjectPrinter, printFlags } from '../print/printer.ts'
import { nothingGiven, type Selection, selectArguments, type Wanted } from '../resources/arguments.ts'
import { printObjects } from './get-objects.ts'
import { printTables } from './get-tables.ts'
import { watchTables } from './get-watch.ts'

/** cli.md §4. */

export const getCommand: Command = {
  usage:
    '[(-o|--output=)json|yaml|name|wide|…] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...)',
  long: 'Show one or more objects.\n\nTables come from the server; the other forms show the objects themselves.',
  examples: `# The image streams of the project
$0 get is

# One tag, as YAML
$0 get istag ruby:2.0 -o yaml

# What the tag was five hours ago
$0 get istag ruby:2.0 --at=-5h

# What changes from now on
$0 get is ruby --watch-only`,
  flags: [
    ...printFlags,
    ...fileFlags,
    selectorFlag,
    fieldSelectorFlag,
    allNamespacesFlag,
    chunkFlag,
    {
      name: 'at',
      kind: 'string',
      help: 'An image stream tag as it was then: a time such as 2026-05-06T12:00Z, or an age such as -5h.',
    },
    { name: 'ignore-not-found', kind: 'bool', help: 'A missing object is no error.' },
    { name: 'label-columns', short: 'L', kind: 'list', help: 'Labels to show as columns.' },
    { name: 'no-headers', kind: 'bool', help: 'Leave out the header of tables.' },
    { name: 'output-watch-events', kind: 'bool', help: 'Show the kind of each event of a watch.' },
    { name: 'raw', kind: 'string', help: 'A path of the server, whose answer is copied as it is.' },
    { name: 'server-print', kind: 'bool', default: true, help: 'Let the server choose the columns.' },
    { name: 'show-kind', kind: 'bool', help: 'Put the type before each name.' },
    { name: 'show-labels', kind: 'bool', help: 'Show all labels in a last column.' },
    { name: 'sort-by', kind: 'string', help: 'A JSONPath to sort by.' },
    { name: 'subresource', kind: 'string', help: 'Read a subresource, such as status.' },
    { name: 'watch', short: 'w', kind: 'bool', help: 'After the list, show changes.' },
    { name: 'watch-only', kind: 'bool', help: 'Show changes only.' },
  ],
  run: runGet,
}

export interface GetRequest {
  context: CommandContext
  selection: Selection
  /** '' for all namespaces. */
  namespace: string
  allNamespaces: boolean
}

async function runGet(context: CommandContext): Promise<void> {
  const { flags, args, io, session } = context
  if (flags.string('raw') !== '') return raw(context)
  const custom = flags.string('output').startsWith('custom-columns')
  const printer = custom
    ? await columnsPrinter(flags, io.cwd)
    : await createPrinter(flags, { cwd: io.cwd, extra: ['wide', 'custom-columns', 'custom-columns-file'] })
  if (flags.bool('output-watch-events') && !flags.bool('watch') && !flags.bool('watch-only'))
    throw new CliError('--output-watch-events option can only be used with --watch or --watch-only')
  const allNamespaces = flags.bool('all-namespaces')
  const request: GetRequest = {
    context,
    selection: await select(context),
    namespace: allNamespaces ? '' : await session.namespace(),
    allNamespaces,
  }
  checkAt(request)
  checkWhole(request)
  if (
    allNamespaces &&
    args.length > 1 &&
    request.selection.wanted.some((one) => one.name !== undefined && one.resource.namespaced)
  ) {
    throw new CliError('a resource cannot be retrieved by name across all namespaces')
  }
  if (flags.bool('watch') || flags.bool('watch-only')) return watchTables(request, printer)
  return printer === undefined ? printTables(request) : printObjects(request, printer, isGeneric(printer))
}

/** Only tags are known as they were. */
function checkAt({ context: { flags }, selection }: GetRequest): void {
  if (flags.string('at') === '') return
  const areTags = selection.wanted.every(
    ({ resource, name }) => resource.kind === 'ImageStreamTag' && name !== undefined,
  )
  if (!areTags || flags.bool('watch') || flags.bool('watch-only')) {
    throw new CliError('--at takes names of image stream tags, e.g. get istag app:v1 --at=-5h')
  }
}

function checkWhole({ context: { flags }, selection }: GetRequest): void {
  if (flags.string('subresource') !== '' && selection.wanted.some(({ name }) => name === undefined))
    throw new CliError('subresource cannot be used when bulk resources are specified')
}

/** JSON, YAML and templates see one list, name and columns see object by object. */
function isGeneric(printer: ObjectPrinter): boolean {
  return printer.format !== 'name' && !printer.format.startsWith('custom-columns')
}

async function select(context: CommandContext): Promise<Selection> {
  const { flags, args, session, program } = context
  const files = flags.list('filename')
  if (files.length > 0 || flags.string('kustomize') !== '') {
    if (args.length > 0)
      throw new CliError(
        'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
      )
    const { readObjects } = await import('../resources/files.ts')
    const { targetsOf } = await import('../resources/file-targets.ts')
    const wanted: Wanted[] = await targetsOf(session, await readObjects(context), program)
    return {
      wanted,
      single: wanted.length === 1,
      severalTypes: new Set(wanted.map((w) => w.resource.plural)).size > 1,
    }
  }
  if (args.length === 0) throw noArguments(context)
  return selectArguments(session, args, program)
}

function noArguments({ program, path }: CommandContext): Error {
  if (path !== `${program} get`) return nothingGiven()
  return new BareError(`You must specify the type of resource to get. Use "${program} api-resources" for a complete list of supported resources.

error: Required resource not specified.
Use "${program} explain <resource>" for a detailed description of that resource (e.g. ${program} explain pods).
See '${path} -h' for help and examples`)
}

async function raw({ flags, args, session, io }: CommandContext): Promise<void> {
  if (args.length > 0) throw new CliError('arguments may not be passed when --raw is specified')
  const rest = await session.rest()
  const response = await rest.request({
    method: 'GET',
    path: flags.string('raw'),
    accept: 'application/json, */*',
  })
  io.stdout.write(response.text)
}
