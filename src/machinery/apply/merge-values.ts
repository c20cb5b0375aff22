import type { ListType, MapType, MergeType } from './merge-type.ts'
import type { PathElement } from './path-element.ts'
import {
  asList,
  asMap,
  deducePair,
  listElement,
  type MapValue,
  toArm,
  typeUnder,
  type Value,
} from './typed-value.ts'
import { duplicatesOf } from './value-field-set.ts'

/**
 * The left value with all that the right one sets: leaves of the right win, maps and lists are merged by key, what is only
 * on the left stays. undefined where nothing is left of either.
 */
export function mergeValues(type: MergeType, left: Value, right: Value): Value {
  let merged: Value
  for (const part of deducePair(type, left, right)) merged = mergePart(part, left, right)
  return merged
}

function mergePart(part: MergeType, left: Value, right: Value): Value {
  const arm = toArm(part)
  const leaf = right === undefined ? left : right
  if (arm.kind === 'scalar') return leaf
  if (arm.kind === 'map') {
    const [before = {}, after = {}] = [asMap(left), asMap(right)]
    const isEmpty = Object.keys(before).length === 0 && Object.keys(after).length === 0
    return arm.map.atomic || isEmpty ? leaf : mergeFields(arm.map, before, after)
  }
  const [before = [], after = []] = [asList(left), asList(right)]
  if (arm.list.atomic || (before.length === 0 && after.length === 0)) return leaf
  const items = mergeItems(arm.list, before, after)
  return items.length === 0 ? undefined : items
}

function mergeFields(map: MapType, left: MapValue, right: MapValue): Value {
  const entries: [string, Value][] = []
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const before = Object.hasOwn(left, key) ? left[key] : undefined
    const after = Object.hasOwn(right, key) ? right[key] : undefined
    const merged = after === undefined ? before : mergeValues(typeUnder(map, key), before, after)
    if (merged !== undefined) entries.push([key, merged])
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/**
 * Elements of both: those of the right in its order, the others where they stood between them (structured-merge-diff,
 * "mergingWalker.visitListItems").
 */
function mergeItems(list: ListType, left: readonly Value[], right: readonly Value[]): Value[] {
  const before = left.map((item) => listElement(list, item))
  const after = right.map((item) => listElement(list, item))
  const onLeft = new Map(before.map((element, index) => [element, left[index]]))
  // What is there twice is not merged into: the right one replaces all of it.
  for (const element of duplicatesOf(before)) onLeft.set(element, undefined)
  const onRight = new Map(after.map((element, index) => [element, right[index]]))
  const shared = after.filter((element) => onLeft.has(element))
  const done = new Set<PathElement>()
  const out: Value[] = []
  const put = (value: Value) => {
    if (value !== undefined) out.push(value)
  }
  const take = (element: PathElement) => {
    done.add(element)
    put(mergeValues(list.element(), onLeft.get(element), onRight.get(element)))
    if (shared[0] === element) shared.shift()
  }
  let l = 0
  let r = 0
  while (l < before.length || r < after.length) {
    const element = before[l]
    if (element !== undefined && r < after.length) {
      if (element === after[r]) {
        take(element)
        l++
        r++
        continue
      }
      if (onRight.has(element) && shared[0] !== undefined && shared[0] !== element) {
        // Its turn comes when the right one's order says so.
        l++
        continue
      }
    }
    if (element !== undefined) {
      if (!onRight.has(element)) {
        put(mergeValues(list.element(), left[l], undefined))
        l++
        continue
      }
      if (done.has(element)) l++
    }
    const next = after[r]
    if (next !== undefined) {
      take(next)
      r++
    }
  }
  return out
}
