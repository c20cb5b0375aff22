import { patchContentTypes, type Query } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, throwCollected } from '../errors.ts'
import { fieldManagerFlag, fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { pathOfSelected, type SelectedObject } from '../resources/select-objects.ts'
import { selectRollouts } from './rollout-select.ts'

/** `rollout pause`, `resume` and `restart` (cli.md §11.5): one patch each. */

interface Change {
  operation: string
  long: string
  /** Throws CliError where it makes no sense. */
  plan(object: KubeObject, now: Date): Record<string, unknown>
}

const isPaused = (object: KubeObject) => (object as { spec?: { paused?: boolean } }).spec?.paused === true

function requirePausable({ kind = '' }: KubeObject, verb: string): void {
  if (!['Deployment', 'DeploymentConfig'].includes(kind))
    throw new CliError(`${kind.toLowerCase()} does not support ${verb}`)
}

function command({ operation, long, plan }: Change): Command {
  return {
    usage: 'RESOURCE',
    long,
    flags: [...printFlags, ...fileFlags, selectorFlag, fieldManagerFlag('kubectl-rollout')],
    run: (context) => run(context, operation, plan),
  }
}

export const pauseCommand = command({
  operation: 'paused',
  long: 'Let changes of a workload pile up without a rollout.',
  plan: (object) => {
    requirePausable(object, 'pausing')
    if (isPaused(object)) throw new CliError('is already paused')
    return { spec: { paused: true } }
  },
})

export const resumeCommand = command({
  operation: 'resumed',
  long: 'Let changes of a workload be rolled out again.',
  plan: (object) => {
    requirePausable(object, 'resuming')
    if (!isPaused(object)) throw new CliError('is not paused')
    return { spec: { paused: null } }
  },
})

export const restartCommand = command({
  operation: 'restarted',
  long: 'Start all pods of a workload anew, with what it says now.',
  plan: (object, now) => {
    if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(object.kind ?? ''))
      throw new CliError('restarting is not supported')
    if (isPaused(object)) throw new CliError("can't restart paused deployment (run rollout resume first)")
    const restartedAt = now.toISOString().replace(/\.\d+Z$/, 'Z')
    return {
      spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } } } },
    }
  },
})

async function run(context: CommandContext, operation: string, plan: Change['plan']): Promise<void> {
  const { io } = context
  const { objects } = await selectRollouts(context)
  const printer = await createResultPrinter(context)
  const errors: unknown[] = []
  for (const selected of objects) {
    const { resource, object } = selected
    try {
      const patch = plan(object, io.now())
      printer.print(await send(context, selected, patch), operation)
    } catch (error) {
      const about = `${resource.plural}${resource.group === '' ? '' : `.${resource.group}`} ${JSON.stringify(object.metadata.name)}`
      errors.push(error instanceof CliError ? new CliError(`${about} ${error.message}`) : error)
    }
  }
  throwCollected(errors)
}

async function send(
  { flags, session }: CommandContext,
  selected: SelectedObject,
  patch: object,
): Promise<KubeObject> {
  const rest = await session.rest()
  const query: Query = { fieldManager: flags.string('field-manager') || undefined }
  return rest.json<KubeObject>({
    method: 'PATCH',
    path: pathOfSelected(selected),
    query,
    body: patch,
    contentType: patchContentTypes.strategic,
  })
}
