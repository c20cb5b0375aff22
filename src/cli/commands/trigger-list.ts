import { visible } from '../io.ts'
import { formatTabs, setLayout } from '../print/tab-writer.ts'
import type { SelectedObject } from '../resources/select-objects.ts'
import type { ImageTrigger } from '../resources/trigger-set.ts'
import { planTriggers, readTriggers } from './trigger-actions.ts'

/** cli.md §9.1. */
export function listTriggers(objects: readonly SelectedObject[]): string {
  const rows = objects.flatMap(rowsOf).map((cells) => `${visible(cells.join('\t'))}\n`)
  return formatTabs(`NAME\tTYPE\tVALUE\tAUTO\n${rows.join('')}`, setLayout)
}

function imageText({ namespace, name, containers }: ImageTrigger): string {
  const source = namespace === '' ? name : `${namespace}/${name}`
  return containers.length === 0 ? source : `${source} (${containers.join(', ')})`
}

function rowsOf({ resource, object }: SelectedObject): string[][] {
  const name = `${resource.plural}/${object.metadata.name}`
  const broken = [name, '<error>', '', 'false']
  const triggers = readTriggers(object)
  if (triggers === undefined) return [broken]
  const hooks = 'hooks' in triggers ? triggers.hooks : []
  const rows = [
    [name, 'config', '', String(triggers.config)],
    ...triggers.images.map((image) => [name, 'image', imageText(image), String(image.automatic)]),
    ...hooks.map((hook) => [name, hook.kind, hook.allowEnv ? `${hook.secret}, allowenv` : hook.secret, '']),
  ]
  return canWriteBack(object, triggers) ? rows : [...rows, broken]
}

/** false for triggers that no `set triggers` could have made. */
function canWriteBack(
  object: SelectedObject['object'],
  triggers: Parameters<typeof planTriggers>[1],
): boolean {
  try {
    planTriggers(object, triggers)
    return true
  } catch {
    return false
  }
}
