import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { patchContentTypes, type Query } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, messageOf, throwCollected } from '../errors.ts'
import type { Io } from '../io.ts'
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
      if (edited === undefined) io.stderr.write('Edit cancelled, no changes made.\n')
      else printer.print(edited, 'edited')
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}

/** The first document of what was saved; undefined when nothing is left. */
async function readEdited(text: string): Promise<KubeObject | undefined> {
  const [document, ...more] = await parseYamlDocuments(text).catch((error: unknown) => {
    throw new InvalidEditError(messageOf(error))
  })
  if (more.length > 0) throw new InvalidEditError('only one object may be in the file')
  return document as KubeObject | undefined
}

/** What was saved can't be sent: the file is opened again with the reason. */
class InvalidEditError extends CliError {
  override readonly name = 'InvalidEditError'
}

/** What the user wrote is not lost with the edit. */
async function keepCopy(io: Io, program: string, text: string): Promise<void> {
  const file = join(io.env.TMPDIR || tmpdir(), `${program}-edit-${randomInt(2 ** 32)}.yaml`)
  await writeFile(file, text, { mode: 0o600, flag: 'wx' })
  io.stderr.write(`A copy of your changes has been stored to ${JSON.stringify(file)}\n`)
}

/** Every line of it, empty ones too. */
function asComment(text: string): string {
  return text === '' ? '' : `${text.trimEnd().replace(/^/gm, '# ')}\n`
}

const withoutComments = (text: string): string => text.replace(/^#.*\n/gm, '')

function isOther(before: KubeObject, after: KubeObject): boolean {
  const { apiVersion, kind, metadata } = after
  return apiVersion !== before.apiVersion || kind !== before.kind || metadata?.name !== before.metadata.name
}

function isRefusal(error: unknown): boolean {
  return error instanceof InvalidEditError || (isApiError(error) && [400, 422].includes(error.code))
}

/** undefined when nothing was changed. A refusal is shown in the file until it is mended or given up. */
async function editOne(context: CommandContext, selected: SelectedObject): Promise<KubeObject | undefined> {
  const { io, program } = context
  const before = withoutManagedFields(selected.object)
  let body = formatYaml(before)
  let reason = ''
  for (;;) {
    const text = await editText(io, intro + asComment(reason) + body)
    if (withoutComments(text) === body) {
      if (reason === '') return undefined
      await keepCopy(io, program, text)
      throw new CliError('Edit cancelled, no valid changes were saved.')
    }
    try {
      const document = await readEdited(text)
      if (document === undefined) return undefined
      if (isOther(before, document)) {
        await keepCopy(io, program, text)
        throw new CliError('At least one of apiVersion, kind and name was changed')
      }
      const strategic = isKnownGroup(selected.resource.group)
      const patch = planPatch(before as never, document as never, before as never, { strategic })
      return Object.keys(patch).length === 0 ? undefined : await send(context, selected, patch)
    } catch (error) {
      if (!isRefusal(error)) throw error
      io.stderr.write(`error: ${messageOf(error)}\n`)
      body = withoutComments(text)
      reason = messageOf(error)
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
