import type { ListType, MapType, MergeType } from './merge-type.ts'
import { keyElement, type PathElement, valueElement } from './path-element.ts'

/** Values are JSON; undefined is what isn't there, which null is not. */
export type Value = unknown
export type MapValue = Readonly<Record<string, Value>>

export function isMapValue(value: Value): value is MapValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const asList = (value: Value): readonly Value[] | undefined =>
  Array.isArray(value) ? value : undefined
export const asMap = (value: Value): MapValue | undefined => (isMapValue(value) ? value : undefined)

/** The arm of the type that the value is of; the whole type for null and for what isn't there. */
export function deduceType(type: MergeType, value: Value): MergeType {
  if (value === undefined || value === null) return type
  if (Array.isArray(value)) return type.list === undefined ? type : { list: type.list }
  if (typeof value === 'object') return type.map === undefined ? type : { map: type.map }
  return type.scalar === undefined ? type : { scalar: type.scalar }
}

/** The arms that a pair of values is walked by: one, or both where the sides are of different arms. */
export function deducePair(type: MergeType, left: Value, right: Value): MergeType[] {
  const ofLeft = deduceType(type, left)
  const ofRight = deduceType(type, right)
  if (right === undefined) return [ofLeft]
  if (left === undefined || armOf(ofLeft) === armOf(ofRight)) return [ofRight]
  return [ofLeft, ofRight]
}

export type Arm = { kind: 'map'; map: MapType } | { kind: 'list'; list: ListType } | { kind: 'scalar' }

export function toArm(type: MergeType): Arm {
  if (type.map !== undefined) return { kind: 'map', map: type.map }
  if (type.scalar !== undefined || type.list === undefined) return { kind: 'scalar' }
  return { kind: 'list', list: type.list }
}

function armOf(type: MergeType): string {
  return `${type.map === undefined ? '' : 'm'}${type.scalar === undefined ? '' : 's'}${type.list === undefined ? '' : 'l'}`
}

/** Type of what stands under a key; a key that the map doesn't declare is of its element's type. */
export function typeUnder(map: MapType, key: string): MergeType {
  return map.field(key) ?? map.element?.() ?? {}
}

export class ElementError extends Error {
  override readonly name = 'ElementError'
}

/** What names an element of a list that isn't atomic. Throws an ElementError for one that has no name. */
export function listElement(list: ListType, item: Value): PathElement {
  if (list.keys.length === 0) return setElement(item)
  if (item === null) throw new ElementError('associative list with keys may not have a null element')
  if (!isMapValue(item)) throw new ElementError('associative list with keys may not have non-map elements')
  const keys: Record<string, Value> = {}
  for (const key of list.keys) {
    const value = item[key] ?? list.keyDefault(key)
    if (value === undefined) {
      throw new ElementError(
        `associative list with keys has an element that omits key field ${JSON.stringify(key)} (and doesn't have default value)`,
      )
    }
    keys[key] = value
  }
  return keyElement(keys)
}

function setElement(item: Value): PathElement {
  if (item === null)
    throw new ElementError("associative list without keys has an element that's an explicit null")
  if (Array.isArray(item)) {
    throw new ElementError('not supported: associative list with lists as elements')
  }
  if (typeof item === 'object') {
    throw new ElementError("associative list without keys has an element that's a map type")
  }
  return valueElement(item)
}

export function isSameValue(a: Value, b: Value): boolean {
  if (a === b) return true
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSameValue(item, b[i]))
  }
  if (!isMapValue(a) || !isMapValue(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && isSameValue(a[key], b[key]))
}
