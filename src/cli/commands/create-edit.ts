import type { KubeObject } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { parseYamlDocuments } from '../parse/yaml.ts'
import { formatYaml } from '../print/format-yaml.ts'
import { readObjects } from '../resources/files.ts'
import { createAll } from './create.ts'
import { editText } from './edit-text.ts'

/** `create --edit`: the objects pass through an editor first. */
export async function createEdited(context: CommandContext): Promise<void> {
  const objects = await readObjects(context)
  if (objects.length === 0) throw new CliError('no objects passed to create')
  const edited = []
  for (const { object, source } of objects) {
    const text = await editText(context.io, formatYaml(object))
    for (const document of await parseYamlDocuments(text))
      edited.push({ object: document as KubeObject, source })
  }
  await createAll(context, edited)
}
