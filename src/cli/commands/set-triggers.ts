import { parseReference, referenceProblem } from '../../oci/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, messageOf, throwCollected } from '../errors.ts'
import { readDryRun } from '../parse/dry-run.ts'
import { allFlag, dryRunFlag, fieldManagerFlag, fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { nothingGiven } from '../resources/arguments.ts'
import { typedAccept } from '../resources/image-api.ts'
import { patchSelected } from '../resources/patch-selected.ts'
import { type SelectedObject, selectObjects } from '../resources/select-objects.ts'
import { applyAction, planTriggers, readTriggers, type TriggerAction } from './trigger-actions.ts'
import { listTriggers } from './trigger-list.ts'

/** cli.md §9. */
export const setTriggersCommand: Command = {
  usage: 'RESOURCE/NAME [--from-config|--from-image|--from-github|--from-webhook] [--auto|--manual]',
  long: `Let workloads change by themselves when a tag of an image stream moves, or their own configuration does.

Without a flag that changes something the triggers are shown.`,
  examples: `# Follow a tag
$0 set triggers deploy/web --from-image=web:latest -c web

# Look, but don't move for now
$0 set triggers deploy/web --manual`,
  flags: [
    ...printFlags,
    ...fileFlags,
    selectorFlag,
    allFlag,
    dryRunFlag(),
    fieldManagerFlag('kubectl-set'),
    { name: 'auto', kind: 'bool', help: 'Act when triggered; the default.' },
    {
      name: 'containers',
      short: 'c',
      kind: 'string',
      help: 'The containers that --from-image is about, as a comma list.',
      shownDefault: "''",
    },
    { name: 'from-bitbucket', kind: 'bool', help: 'Builds: a hook for Bitbucket.' },
    { name: 'from-config', kind: 'bool', help: 'React to changes of the configuration.' },
    { name: 'from-github', kind: 'bool', help: 'Builds: a hook for GitHub.' },
    { name: 'from-gitlab', kind: 'bool', help: 'Builds: a hook for GitLab.' },
    { name: 'from-image', kind: 'string', help: 'The tag to follow, as stream:tag or namespace/stream:tag.' },
    { name: 'from-webhook', kind: 'bool', help: 'Builds: a generic hook.' },
    {
      name: 'from-webhook-allow-env',
      kind: 'bool',
      help: 'Builds: a generic hook that may set environment variables.',
    },
    { name: 'local', kind: 'bool', help: 'Change what a file holds, without a server.' },
    { name: 'manual', kind: 'bool', help: 'Keep the triggers, but do not act.' },
    { name: 'remove', kind: 'bool', help: 'Remove the trigger that the other flag names.' },
    { name: 'remove-all', kind: 'bool', help: 'Remove all triggers.' },
  ],
  run: runTriggers,
}

const hookFlags: Readonly<Record<string, string>> = {
  'from-github': 'github',
  'from-gitlab': 'gitlab',
  'from-bitbucket': 'bitbucket',
  'from-webhook': 'webhook',
  'from-webhook-allow-env': 'webhook',
}

function readImage(text: string): { namespace: string; name: string } {
  const reference = parseReference(text)
  if (reference === undefined) {
    throw new CliError(
      `the value of --from-image does not appear to be a valid reference to an image: ${referenceProblem(text)}`,
    )
  }
  if (reference.registry !== '' || reference.id !== '') {
    throw new CliError('the value of --from-image must point to an image stream tag on this server')
  }
  if (reference.tag === '')
    throw new CliError('the value of --from-image must include the tag you wish to pull from')
  return { namespace: reference.namespace, name: `${reference.name}:${reference.tag}` }
}

/** What the flags ask for; undefined: show the triggers. */
function readAction({ flags }: CommandContext, namespace: string): TriggerAction | undefined {
  const hooks = Object.keys(hookFlags).filter((flag) => flags.bool(flag))
  const image = flags.string('from-image') === '' ? undefined : readImage(flags.string('from-image'))
  const sources = hooks.length + (image === undefined ? 0 : 1) + (flags.bool('from-config') ? 1 : 0)
  const [auto, manual] = [flags.bool('auto'), flags.bool('manual')]
  const [remove, removeAll] = [flags.bool('remove'), flags.bool('remove-all')]
  if (auto && manual) throw new CliError('you must specify at most one of --auto or --manual')
  if (remove && removeAll) throw new CliError('you must specify either --remove or --remove-all')
  if (removeAll && (sources > 0 || auto || manual))
    throw new CliError('--remove-all may not be used with any other flag')
  if (removeAll) return { kind: 'remove-all' }
  if (remove && sources === 0)
    throw new CliError('--remove requires a flag defining a trigger type to be specified')
  if (sources > 1) throw new CliError('you may only set one trigger type at a time')
  const mode = { automatic: !manual, remove }
  if (sources === 0) return auto || manual ? { kind: 'mode', ...mode } : undefined
  if (image !== undefined) {
    const containers = flags
      .string('containers')
      .split(',')
      .filter((name) => name !== '')
    const own = image.namespace === namespace ? '' : image.namespace
    return { kind: 'image', ...mode, name: image.name, namespace: own, containers }
  }
  if (flags.bool('from-config')) return { kind: 'config', ...mode }
  const [hook] = hooks as [string]
  return {
    kind: 'hook',
    ...mode,
    hook: hookFlags[hook] as string,
    allowEnv: hook === 'from-webhook-allow-env',
  }
}

async function runTriggers(context: CommandContext): Promise<void> {
  const { flags, args, io, session } = context
  if (args.length === 0 && flags.list('filename').length === 0) throw nothingGiven()
  const local = flags.bool('local')
  const action = readAction(context, local ? flags.string('namespace') : await session.namespace())
  const dryRun = readDryRun(flags, io)
  const { objects, single } = await selectObjects(context, {
    args,
    accept: typedAccept,
    limit: 0,
    has: { all: true, selector: true, local: true },
  })
  if (action === undefined) {
    io.stdout.write(listTriggers(objects))
    return
  }
  const printer = await createResultPrinter(context, { dryRun })
  const errors: unknown[] = []
  for (const selected of objects) {
    try {
      const patch = planFor(selected, action, single)
      if (patch === undefined) {
        if (local && flags.string('output') !== '') printer.print(selected.object, 'triggers updated')
        continue
      }
      printer.print(
        await patchSelected(context, selected, patch, { dryRun, failure: 'failed to patch build hook' }),
        'triggers updated',
      )
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}

/** The patch, undefined when there is nothing to do; problems are told with the object's name. */
function planFor(
  selected: SelectedObject,
  action: TriggerAction,
  single: boolean,
): Record<string, unknown> | undefined {
  const { resource, object } = selected
  const about = `${resource.plural}/${object.metadata.name}`
  const current = readTriggers(object)
  if (current === undefined) {
    if (!single) return undefined
    throw new CliError(`${about} does not support triggers`)
  }
  try {
    return planTriggers(object, applyAction(object, current, action))
  } catch (error) {
    throw new CliError(`${about} ${messageOf(error)}`)
  }
}
