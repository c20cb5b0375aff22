import type { FieldSet } from './field-set.ts'
import type { ListType, MapType, MergeType } from './merge-type.ts'
import { fieldElement, fieldNameOf, type PathElement } from './path-element.ts'
import { deduceType, isMapValue, listElement, toArm, typeUnder, type Value } from './typed-value.ts'

/**
 * The value without the fields of the set; undefined when nothing is left of it. A declared map or list goes only when it
 * is empty then: what is in it may be of nobody's wish, and stays.
 */
export function removeFields(type: MergeType, value: Value, removed: FieldSet): Value {
  const arm = toArm(deduceType(type, value))
  if (arm.kind === 'list' && Array.isArray(value) && !arm.list.atomic) {
    const left = value.flatMap((item) => keptItem(arm.list, item, removed))
    return left.length === 0 && value.length > 0 ? undefined : left
  }
  if (arm.kind === 'map' && isMapValue(value) && !arm.map.atomic) {
    const entries = Object.entries(value)
    const left = entries.flatMap(([key, below]) => keptField(arm.map, key, below, removed))
    return left.length === 0 && entries.length > 0 ? undefined : Object.fromEntries(left)
  }
  return value
}

function keptItem(list: ListType, item: Value, removed: FieldSet): Value[] {
  const element = listElement(list, item)
  if (removed.members.has(element)) return []
  const below = removed.children.get(element)
  const left = below === undefined ? item : removeFields(list.element(), item, below)
  return left === undefined ? [] : [left]
}

function keptField(map: MapType, key: string, value: Value, removed: FieldSet): [string, Value][] {
  const element = fieldElement(key)
  const isMember = removed.members.has(element)
  const below = removed.children.get(element)
  if (!isMember && below === undefined) return [[key, value]]
  const type = typeUnder(map, key)
  if (isMember && (map.field(key) === undefined || !isContainer(type, value))) return []
  const left = below === undefined ? value : removeFields(type, value, below)
  return left === undefined || (isMember && isEmptyContainer(left)) ? [] : [[key, left]]
}

/** Owned part by part, not as a whole. */
function isContainer(type: MergeType, value: Value): boolean {
  const arm = toArm(deduceType(type, value))
  if (arm.kind === 'list') return Array.isArray(value) && !arm.list.atomic
  return arm.kind === 'map' && isMapValue(value) && !arm.map.atomic
}

const isEmptyContainer = (value: Value) => Object.keys(value as object).length === 0

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
