import { isObject } from './decode-schema.ts'
import { badRequest } from './errors.ts'
import type { MergeObject } from './strategic-merge-patch.ts'
import type { FieldRule } from './strategic-merge-rules.ts'

export const orderDirective = '$setElementOrder/'
export const deleteDirective = '$deleteFromPrimitiveList/'

export interface ListPatch {
  old: readonly unknown[]
  patch: readonly unknown[]
  /** `$setElementOrder`: the order that the result shall have; elements, or objects that hold only the merge key. */
  order: readonly unknown[] | undefined
  /** `$deleteFromPrimitiveList`. */
  removed: readonly unknown[] | undefined
}

/** The value without the directives in it: what a patch means where nothing was before. */
export function dropDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kept = value.filter((element) => !isObject(element) || element.$patch === undefined)
    return kept.map(dropDirectives)
  }
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([key, element]) => !isDirective(key) && element !== null)
  return Object.fromEntries(entries.map(([key, element]) => [key, dropDirectives(element)]))
}

function isDirective(key: string): boolean {
  return (
    key === '$patch' ||
    key === '$retainKeys' ||
    key.startsWith(orderDirective) ||
    key.startsWith(deleteDirective)
  )
}

/** Elements by identity: the merge key's value of an object, a scalar itself. */
type Identify = (element: unknown) => string

function identifyBy(mergeKey: string | undefined): Identify {
  return (element) => {
    if (!isObject(element)) return JSON.stringify(element)
    if (mergeKey === undefined) throw badRequest('cannot merge lists without merge key for lists of maps')
    const value = element[mergeKey]
    if (value === undefined) {
      throw badRequest(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`)
    }
    return JSON.stringify(value)
  }
}

interface Place {
  id: string
  element: unknown
}

/** Merges by element and puts the result in order. Of old elements with one identity the first takes the change. */
export function mergeList(lists: ListPatch, rule: FieldRule, mergeObject: MergeObject): unknown[] {
  const identify = identifyBy(rule.mergeKey)
  const { old, changes } = applySpecials(lists, identify)
  const merged: Place[] = []
  const first = new Map<string, Place>()
  for (const element of old) {
    const place = { id: identify(element), element }
    if (first.has(place.id) && !isObject(element)) continue
    if (!first.has(place.id)) first.set(place.id, place)
    merged.push(place)
  }
  for (const change of changes) {
    const id = identify(change)
    const known = first.get(id)
    const before = known?.element
    const merges = isObject(before) && isObject(change)
    const element = merges ? mergeObject(before, change, rule.items()) : dropDirectives(change)
    if (known !== undefined) known.element = element
    else {
      const place = { id, element }
      first.set(id, place)
      merged.push(place)
    }
  }
  const changed = changes.map(identify)
  const wanted = lists.order?.map(identify) ?? changed
  if (lists.order !== undefined) requireSameOrder(changed, wanted)
  return inOrder(merged, wanted, lists.old.map(identify))
}

/** Elements with `$patch` say what happens to the list and are no elements themselves. */
function applySpecials(
  { old, patch, removed }: ListPatch,
  identify: Identify,
): { old: unknown[]; changes: unknown[] } {
  const changes: unknown[] = []
  const deleted = new Set((removed ?? []).map((element) => JSON.stringify(element)))
  let replaces = false
  for (const element of patch) {
    const directive = isObject(element) ? element.$patch : undefined
    if (directive === undefined || directive === 'merge') changes.push(element)
    else if (directive === 'delete') deleted.add(identify(element))
    else if (directive === 'replace') {
      replaces = true
      const { $patch: _, ...rest } = element as Record<string, unknown>
      if (Object.keys(rest).length > 0) changes.push(rest)
    } else throw badRequest(`unknown patch type ${JSON.stringify(directive)} in $patch`)
  }
  return { old: replaces ? [] : old.filter((element) => !deleted.has(identify(element))), changes }
}

function requireSameOrder(changed: readonly string[], order: readonly string[]): void {
  const places = changed.map((id) => order.indexOf(id))
  if (places.some((place, i) => place < 0 || (i > 0 && place <= (places[i - 1] as number)))) {
    throw badRequest(
      `The order in patch list:\n[${changed.join(' ')}]\n doesn't match $setElementOrder list:\n[${order.join(' ')}]\n`,
    )
  }
}

/**
 * Elements that the patch names come in its order, the others in the order that they had; where both orders can't
 * decide, what the patch names comes first.
 */
function inOrder(merged: readonly Place[], wanted: readonly string[], old: readonly string[]): unknown[] {
  const wantedPlace = new Map([...new Set(wanted)].map((id, i) => [id, i]))
  const oldPlace = new Map([...new Set(old)].map((id, i) => [id, i]))
  const others = merged.filter(({ id }) => !wantedPlace.has(id))
  const named = merged
    .filter(({ id }) => wantedPlace.has(id))
    .sort((a, b) => (wantedPlace.get(a.id) as number) - (wantedPlace.get(b.id) as number))
  const out: Place[] = []
  let next = 0
  for (const other of others) {
    const at = oldPlace.get(other.id)
    while (next < named.length) {
      const place = oldPlace.get((named[next] as Place).id)
      if (at !== undefined && place !== undefined && at < place) break
      out.push(named[next++] as Place)
    }
    out.push(other)
  }
  return [...out, ...named.slice(next)].map(({ element }) => element)
}
