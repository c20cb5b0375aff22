import { patchContentTypes, type Query } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, messageOf, throwCollected } from '../errors.ts'
import { fieldManagerFlag, fileFlags } from '../parse/selection-flags.ts'
import { parseYamlDocuments } from '../parse/yaml.ts'
import { formatYaml } from '../print/format-yaml.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { pathOfSelected, type SelectedObject, selectObjects } from '../resources/select-objects.ts'
import { planPatch } from '../resources/three-way.ts'
import { isKnownGroup } from './apply.ts'
import { validateFlag } from './create.ts'
import { editText } from './edit-text.ts'

export const editCommand: Command = {
  usage: '(TYPE/NAME | -f FILENAME)',
  long: 'Edit an object in an editor: $OC_EDITOR, $KUBE_EDITOR, $EDITOR or vi.\n\nWhat was changed is sent as a patch; closing the editor without a change does nothing.',
  flags: [...printFlags, ...fileFlags, validateFlag, fieldManagerFlag('kubectl-edit')],
  run: runEdit,
}

const intro = `# Please edit the object below. Lines beginning with a '#' are ignored, and an empty file
# ends the edit. If the changes are refused, the file is opened again with the reason.
#
`

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

async function runEdit(context: CommandContext): Promise<void> {
  const { args, io } = context
  const { objects } = await selectObjects(context, { args, has: {} })
  const printer = await createResultPrinter(context)
  const errors: unknown[] = []
  for (const selected of objects) {
    try {
      const edited = await editOne(context, selected)
      if (edited === undefined) io.stdout.write('Edit cancelled, no changes made.\n')
      else printer.print(edited, 'edited')
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}

/** undefined when nothing was changed. A refusal is shown in the file until it is mended or given up. */
async function editOne(context: CommandContext, selected: SelectedObject): Promise<KubeObject | undefined> {
  const before = withoutManagedFields(selected.object)
  let body = formatYaml(before)
  let reason = ''
  for (;;) {
    const text = await editText(context.io, intro + reason.replace(/^(?=.)/gm, '# ') + body)
    const [document, ...more] = await parseYamlDocuments(text)
    if (document === undefined) return undefined
    const same = text.replace(/^#.*\n/gm, '') === body
    if (same && reason !== '') throw new CliError('Edit cancelled, no valid changes were saved.')
    if (more.length > 0) throw new CliError('only one object may be in the file')
    const patch = planPatch(before as never, document as never, before as never, {
      strategic: isKnownGroup(selected.resource.group),
    })
    if (Object.keys(patch).length === 0) return undefined
    try {
      return await send(context, selected, patch)
    } catch (error) {
      if (!isApiError(error) || (error.code !== 422 && error.code !== 400)) throw error
      context.io.stderr.write(`${messageOf(error)}\n`)
      body = text.replace(/^#.*\n/gm, '')
      reason = `${messageOf(error)}\n`
    }
  }
}

async function send(
  { flags, session }: CommandContext,
  selected: SelectedObject,
  patch: object,
): Promise<KubeObject> {
  const rest = await session.rest()
  const query: Query = { fieldManager: flags.string('field-manager') || undefined }
  const contentType = isKnownGroup(selected.resource.group)
    ? patchContentTypes.strategic
    : patchContentTypes.merge
  return rest.json<KubeObject>({
    method: 'PATCH',
    path: pathOfSelected(selected),
    query,
    body: patch,
    contentType,
  })
}
