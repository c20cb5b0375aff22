import { patchContentTypes, type Rest } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { readDryRun } from '../parse/dry-run.ts'
import { dryRunFlag, fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { typedAccept } from '../resources/image-api.ts'
import { pathOfSelected, type SelectedObject } from '../resources/select-objects.ts'
import { isEqual } from '../resources/three-way.ts'
import { podTemplate } from '../resources/workload.ts'
import { type Revision, readRevisions } from './rollout-read.ts'
import { notRolledOut, selectRollouts } from './rollout-select.ts'

/** cli.md §11.4. */
export const undoCommand: Command = {
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  long: 'Go back to the rollout before the current one, or to a given one.',
  flags: [
    ...printFlags,
    ...fileFlags,
    selectorFlag,
    dryRunFlag(),
    { name: 'to-revision', kind: 'int', help: 'The rollout to go back to.' },
  ],
  run: runUndo,
}

async function runUndo(context: CommandContext): Promise<void> {
  const { flags, io, session } = context
  const dryRun = readDryRun(flags, io)
  const { objects } = await selectRollouts(context)
  const printer = await createResultPrinter(context, { dryRun })
  const rest = await session.rest()
  for (const selected of objects) {
    const { object, resource } = selected
    const other = notRolledOut(resource.kind, resource.group)
    if (other !== undefined)
      throw new CliError(`no rollbacker has been implemented for ${JSON.stringify(other)}`)
    if (object.kind === 'DeploymentConfig') {
      if (dryRun !== 'client') await undoConfig(rest, selected, flags.int('to-revision'))
      printer.print(object, 'rolled back')
      continue
    }
    const target = chooseRevision(await readRevisions(rest, object), object, flags.int('to-revision'))
    if (isEqual(withoutHash(target), podTemplate(object))) {
      printer.print(object, `skipped rollback (current template already matches revision ${target.number})`)
      continue
    }
    if (dryRun !== 'client') await undoDeployment(rest, selected, target)
    printer.print(object, 'rolled back')
  }
}

async function undoConfig(rest: Rest, selected: SelectedObject, revision: number): Promise<void> {
  const { object } = selected
  const { name } = object.metadata
  if ((object as { spec?: { paused?: boolean } }).spec?.paused) {
    throw new CliError(
      `cannot rollback a paused config; resume it first with 'rollout resume dc/${name}' and try again`,
    )
  }
  const path = pathOfSelected(selected)
  const body = {
    kind: 'DeploymentConfigRollback',
    apiVersion: 'apps.openshift.io/v1',
    name,
    spec: {
      from: {},
      revision,
      includeTriggers: false,
      includeTemplate: true,
      includeReplicationMeta: false,
      includeStrategy: false,
    },
  }
  const next = await rest.json<KubeObject>({
    method: 'POST',
    path: `${path}/rollback`,
    body,
    accept: typedAccept,
  })
  await rest.request({ method: 'PUT', path, body: next, accept: typedAccept })
}

function chooseRevision(revisions: readonly Revision[], object: KubeObject, wanted: number): Revision {
  if (wanted > 0) {
    const found = revisions.find((revision) => revision.number === wanted)
    if (found === undefined) throw new CliError(`unable to find specified revision ${wanted} in history`)
    return found
  }
  const previous = revisions.at(-2)
  if (previous === undefined)
    throw new CliError(`no rollout history found for deployment ${JSON.stringify(object.metadata.name)}`)
  return previous
}

/** The template as the deployment had it: the controller's own label is left out. */
function withoutHash({ template }: Revision): object {
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

async function undoDeployment(rest: Rest, selected: SelectedObject, target: Revision): Promise<void> {
  const body = [{ op: 'replace', path: '/spec/template', value: withoutHash(target) }]
  await rest.request({
    method: 'PATCH',
    path: pathOfSelected(selected),
    body,
    contentType: patchContentTypes.json,
  })
}
