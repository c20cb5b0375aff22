import { createFieldSetBuilder, type FieldSet, type FieldSetBuilder, subtractTrees } from './field-set.ts'
import type { ListType, MapType, MergeType } from './merge-type.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import {
  asList,
  asMap,
  deducePair,
  isSameValue,
  listElement,
  type MapValue,
  toArm,
  typeUnder,
  type Value,
} from './typed-value.ts'

export interface Comparison {
  removed: FieldSet
  modified: FieldSet
  added: FieldSet
}

interface Differences {
  removed: FieldSetBuilder
  modified: FieldSetBuilder
  added: FieldSetBuilder
}

/** Which fields differ between two values of a type; at least one of them is there. */
export function compareValues(type: MergeType, left: Value, right: Value): Comparison {
  const out: Differences = {
    removed: createFieldSetBuilder(),
    modified: createFieldSetBuilder(),
    added: createFieldSetBuilder(),
  }
  compare(type, left, right, [], out)
  return { removed: out.removed.build(), modified: out.modified.build(), added: out.added.build() }
}

/** Without what the set names and what is below. */
export function excludeFields({ removed, modified, added }: Comparison, excluded: FieldSet): Comparison {
  return {
    removed: subtractTrees(removed, excluded),
    modified: subtractTrees(modified, excluded),
    added: subtractTrees(added, excluded),
  }
}

function compare(type: MergeType, left: Value, right: Value, path: PathElement[], out: Differences): void {
  // The same value in memory has no difference in it: most of an updated object is shared with the old one.
  if (left === right) return
  for (const part of deducePair(type, left, right)) {
    const arm = toArm(part)
    const isLeaf =
      arm.kind === 'scalar' || isAtomicOrEmpty(arm.kind === 'map' ? arm.map : arm.list, left, right)
    if (isLeaf) compareLeaf(left, right, path, out)
    else if (arm.kind === 'map') compareFields(arm.map, asMap(left), asMap(right), path, out)
    else compareItems(arm.list, asList(left), asList(right), path, out)
  }
  if (left === undefined) out.added.add(path)
  else if (right === undefined) out.removed.add(path)
}

/** One path serves the whole walk: sets are told where it stands and keep none of it. */
function below(
  type: MergeType,
  left: Value,
  right: Value,
  path: PathElement[],
  element: PathElement,
  out: Differences,
): void {
  path.push(element)
  compare(type, left, right, path, out)
  path.pop()
}

/** Two empty ones are a leaf too: that is how an empty map or list differs from none. */
function isAtomicOrEmpty({ atomic }: ListType | MapType, left: Value, right: Value): boolean {
  return atomic || (isEmptyValue(left) && isEmptyValue(right))
}

function isEmptyValue(value: Value): boolean {
  return (
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
  )
}

function compareLeaf(left: Value, right: Value, path: PathElement[], out: Differences): void {
  if (left === undefined) out.added.add(path)
  else if (right === undefined) out.removed.add(path)
  else if (!isSameValue(left, right)) out.modified.add(path)
}

function compareFields(
  map: MapType,
  left: MapValue = {},
  right: MapValue = {},
  path: PathElement[],
  out: Differences,
): void {
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const before = own(left, key)
    const after = own(right, key)
    if (before !== after) below(typeUnder(map, key), before, after, path, fieldElement(key), out)
  }
}

const own = (map: MapValue, key: string): Value => (Object.hasOwn(map, key) ? map[key] : undefined)

function compareItems(
  list: ListType,
  left: readonly Value[] = [],
  right: readonly Value[] = [],
  path: PathElement[],
  out: Differences,
): void {
  const before = groupItems(list, left)
  const after = groupItems(list, right)
  for (const element of new Set([...before.keys(), ...after.keys()])) {
    const were = before.get(element) ?? []
    const are = after.get(element) ?? []
    if (were.length <= 1 && are.length <= 1) below(list.element(), were[0], are[0], path, element, out)
    else if (were.length > 1 && are.length > 1) {
      if (!isSameValue(were, are)) out.modified.add([...path, element])
    } else if (were.length > 1) {
      if (are.length > 0) below(list.element(), undefined, are[0], path, element, out)
      out.removed.add([...path, element])
    } else {
      if (were.length > 0) below(list.element(), were[0], undefined, path, element, out)
      out.added.add([...path, element])
    }
  }
}

/** Elements by what names them; there may be several of one name. */
function groupItems(list: ListType, items: readonly Value[]): Map<PathElement, Value[]> {
  const groups = new Map<PathElement, Value[]>()
  for (const item of items) {
    const element = listElement(list, item)
    const group = groups.get(element)
    if (group === undefined) groups.set(element, [item])
    else group.push(item)
  }
  return groups
}
