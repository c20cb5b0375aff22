import { createFieldSetBuilder, type FieldSet, type FieldSetBuilder } from './field-set.ts'
import type { ListType, MapType, MergeType } from './merge-type.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import {
  asList,
  asMap,
  deduceType,
  isMapValue,
  listElement,
  toArm,
  typeUnder,
  type Value,
} from './typed-value.ts'

/** Every field that the value sets: its leaves, the elements of its lists and the keys of its maps. */
export function fieldSetOf(type: MergeType, value: Value): FieldSet {
  const builder = createFieldSetBuilder()
  collect(type, value, [], builder)
  return builder.build()
}

function collect(type: MergeType, value: Value, path: PathElement[], out: FieldSetBuilder): void {
  const arm = toArm(deduceType(type, value))
  if (arm.kind === 'scalar') out.add(path)
  else if (arm.kind === 'list') collectItems(arm.list, value, path, out)
  else collectFields(arm.map, value, path, out)
}

function collectItems(list: ListType, value: Value, path: PathElement[], out: FieldSetBuilder): void {
  if (list.atomic) {
    out.add(path)
    return
  }
  const items = asList(value) ?? []
  const elements = items.map((item) => listElement(list, item))
  const twice = duplicatesOf(elements)
  for (const [index, element] of elements.entries()) {
    path.push(element)
    // Elements that are there twice are owned as one, whatever is in them.
    if (!twice.has(element)) collect(list.element(), items[index], path, out)
    out.add(path)
    path.pop()
  }
}

function collectFields(map: MapType, value: Value, path: PathElement[], out: FieldSetBuilder): void {
  if (map.atomic) {
    out.add(path)
    return
  }
  for (const [key, below] of Object.entries(asMap(value) ?? {})) {
    if (below === undefined) continue
    path.push(fieldElement(key))
    collect(typeUnder(map, key), below, path, out)
    const isBare = below === null || (isMapValue(below) && Object.keys(below).length === 0)
    if (isBare || map.field(key) === undefined) out.add(path)
    path.pop()
  }
}

export function duplicatesOf(elements: readonly PathElement[]): Set<PathElement> {
  const seen = new Set<PathElement>()
  const twice = new Set<PathElement>()
  for (const element of elements) (seen.has(element) ? twice : seen).add(element)
  return twice
}
