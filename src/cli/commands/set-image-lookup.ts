import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, throwCollected } from '../errors.ts'
import { type DryRun, readDryRun } from '../parse/dry-run.ts'
import { allFlag, dryRunFlag, fieldManagerFlag, fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { formatTabs, setLayout } from '../print/tab-writer.ts'
import { typedAccept } from '../resources/image-api.ts'
import type { StreamObject } from '../resources/image-types.ts'
import { patchSelected } from '../resources/patch-selected.ts'
import { type SelectedObject, selectObjects } from '../resources/select-objects.ts'
import { nest, podTemplate, templatePath } from '../resources/workload.ts'

/** cli.md §8. */
export const setImageLookupCommand: Command = {
  usage: 'STREAMNAME [...]',
  long: `Let workloads name tags of image streams as their images.

For a stream this goes for all workloads of its namespace. For a workload it goes for all streams of its namespace.`,
  examples: `# Which streams may be named
$0 set image-lookup

# Let all pods name tags of the stream mysql
$0 set image-lookup mysql

# Let one deployment name tags of any stream
$0 set image-lookup deploy/mysql`,
  flags: [
    ...printFlags,
    ...fileFlags,
    selectorFlag,
    allFlag,
    dryRunFlag(),
    fieldManagerFlag('kubectl-set'),
    { name: 'enabled', kind: 'bool', default: true, help: 'false takes it back.' },
    { name: 'list', kind: 'bool', help: 'Show what is set; change nothing.' },
    { name: 'local', kind: 'bool', help: 'Change what a file holds, without a server.' },
  ],
  run: runLookup,
}

const annotation = 'alpha.image.policy.openshift.io/resolve-names'
const anyName = '*'

/** Words of the command line as the selection understands them: bare names are image streams. */
function selectionArgs({ flags, args }: CommandContext): string[] {
  if (args.length === 0) return ['imagestreams']
  if (flags.bool('list')) return [...args]
  return args.map((arg) => (arg.includes('/') ? arg : `imagestreams/${arg}`))
}

async function runLookup(context: CommandContext): Promise<void> {
  const { flags, args, io } = context
  const dryRun = readDryRun(flags, io)
  if (flags.bool('local') && dryRun === 'server') {
    throw new CliError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  }
  if (flags.bool('local') && args.length > 0) throw new CliError('pass files with -f when using --local')
  const { objects } = await selectObjects(context, {
    args: selectionArgs(context),
    accept: typedAccept,
    limit: 0,
    allNeeded: false,
    has: { selector: true, local: true },
  })
  const listing =
    flags.bool('list') || (args.length === 0 && !flags.bool('all') && flags.string('output') === '')
  if (listing) {
    io.stdout.write(listText(objects))
    return
  }
  await change(context, objects, dryRun)
}

function listText(objects: readonly SelectedObject[]): string {
  const rows = objects.map(({ resource, object }) => {
    const { name } = object.metadata
    return `${object.kind === 'ImageStream' ? name : `${resource.plural}/${name}`}\t${isEnabled(object)}\n`
  })
  return formatTabs(`NAME\tLOCAL\n${rows.join('')}`, setLayout)
}

/** The annotations that decide: those of the pod template, or of the object itself. */
function annotationsOf(object: KubeObject): Readonly<Record<string, string>> {
  const path = templatePath(object.kind ?? '')
  const holder = path === undefined || path.length === 0 ? object : podTemplate(object)
  return holder?.metadata?.annotations ?? {}
}

function isEnabled(object: KubeObject): boolean {
  if (object.kind === 'ImageStream') return (object as StreamObject).spec?.lookupPolicy?.local === true
  return annotationsOf(object)[annotation] === anyName
}

/** The patch that turns it on or off; a map that only held the annotation goes with it. */
function planPatch(object: KubeObject, enabled: boolean): Record<string, unknown> {
  if (object.kind === 'ImageStream') return { spec: { lookupPolicy: { local: enabled } } }
  const only = Object.keys(annotationsOf(object)).length === 1
  const annotations = enabled ? { [annotation]: anyName } : only ? null : { [annotation]: null }
  return nest([...(templatePath(object.kind ?? '') ?? []), 'metadata'], { annotations })
}

async function change(
  context: CommandContext,
  objects: readonly SelectedObject[],
  dryRun: DryRun,
): Promise<void> {
  const { flags } = context
  const enabled = flags.bool('enabled')
  const printer = await createResultPrinter(context, { dryRun })
  const shows = flags.string('output') !== ''
  const errors: unknown[] = []
  for (const selected of objects) {
    if (isEnabled(selected.object) === enabled) {
      // With --local the result is the point, whether or not anything changed.
      if (shows && flags.bool('local')) printer.print(selected.object, 'image lookup updated')
      continue
    }
    try {
      const patch = planPatch(selected.object, enabled)
      const patched = await patchSelected(context, selected, patch, {
        dryRun,
        failure: 'failed to patch image lookup',
      })
      printer.print(patched, 'image lookup updated')
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}
