import { emptyFieldSet, type FieldSet, isEmptySet } from './field-set.ts'
import type { ListType, MapType, MergeType } from './merge-type.ts'
import { fieldElement, fieldNameOf, type PathElement } from './path-element.ts'
import { deduceType, isMapValue, listElement, toArm, typeUnder, type Value } from './typed-value.ts'

/** The value without the fields of the set. What loses all that it held becomes null. */
export function removeFields(type: MergeType, value: Value, removed: FieldSet): Value {
  const arm = toArm(deduceType(type, value))
  if (arm.kind === 'scalar') return value
  if (arm.kind === 'list') return Array.isArray(value) ? removeItems(arm.list, value, removed) : null
  return isMapValue(value) ? removeKeys(arm.map, value, removed) : null
}

function removeItems(list: ListType, items: readonly Value[], removed: FieldSet): Value {
  if (list.atomic) return null
  const left = items.flatMap((item) => kept(list.element(), listElement(list, item), item, removed))
  return left.length === 0 ? null : left
}

function removeKeys(map: MapType, value: Readonly<Record<string, Value>>, removed: FieldSet): Value {
  if (map.atomic) return null
  const left = Object.entries(value).flatMap(([key, below]) =>
    kept(typeUnder(map, key), fieldElement(key), below, removed).map((one) => [key, one] as const),
  )
  return left.length === 0 ? null : Object.fromEntries(left)
}

function kept(type: MergeType, element: PathElement, value: Value, removed: FieldSet): Value[] {
  if (removed.members.has(element)) return []
  const below = removed.children.get(element) ?? emptyFieldSet
  return [isEmptySet(below) ? value : removeFields(type, value, below)]
}

/**
 * The set with every declared field that it holds something below of as a member: a struct is there when one of its fields
 * is, whoever names it.
 */
export function withNamedFields(type: MergeType, set: FieldSet): FieldSet {
  const members = new Set(set.members)
  const children = new Map<PathElement, FieldSet>()
  for (const [element, child] of set.children) {
    const name = fieldNameOf(element)
    const declared = name === undefined ? undefined : type.map?.field(name)
    if (declared !== undefined) members.add(element)
    const below =
      name === undefined
        ? type.list?.element()
        : type.map === undefined
          ? undefined
          : typeUnder(type.map, name)
    children.set(element, withNamedFields(below ?? {}, child))
  }
  return { members, children }
}
