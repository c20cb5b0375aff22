import { type Comparison, compareValues, excludeFields } from './compare-values.ts'
import type { Conflict } from './conflicts.ts'
import {
  emptyFieldSet,
  type FieldSet,
  intersectSets,
  isEmptySet,
  subtractSet,
  subtractTrees,
  unionSets,
} from './field-set.ts'
import { type Manager, managerKey, type Owner, type Owners } from './managed-fields.ts'
import type { MergeType } from './merge-type.ts'
import { mergeValues } from './merge-values.ts'
import { removeFields, withNamedFields } from './remove-fields.ts'
import { isSameValue, type Value } from './typed-value.ts'
import { fieldSetOf } from './value-field-set.ts'

/** The rules of ownership (structured-merge-diff, "merge.Updater") on plain values. */
export interface OwnedValue {
  type: MergeType
  live: Value
  owners: Owners
  /** Fields that this manager's writes can't change, whatever they say; they are neither owned nor in conflict. */
  ignored?: FieldSet
  /** Fields that count as they are written but are nobody's afterwards. */
  unowned?: FieldSet
}

export interface AppliedValue {
  value: Value
  owners: Owners
  /** False: the value is what was there, only owners may differ. */
  changed: boolean
}

/**
 * Who owns what after an update: the manager gets what it changed and added, the others lose that and what is gone. Its
 * entry carries `time` when it got something.
 */
export function ownUpdate(owned: OwnedValue, next: Value, by: Manager, time: string): Owners {
  const { type, live, owners, ignored = emptyFieldSet, unowned = emptyFieldSet } = owned
  const { removed, modified, added } = excludeFields(compareValues(type, live, next), ignored)
  const changed = unionSets(modified, added)
  const key = managerKey(by)
  const out = takeFrom(owners, undefined, unionSets(changed, removed))
  const gained = subtractSet(changed, unowned)
  if (isEmptySet(gained)) return out
  const kept = out.get(key)
  out.set(key, { ...by, set: kept === undefined ? gained : unionSets(kept.set, gained), time })
  return out
}

/**
 * Applies a manager's whole wish: merged into what is there, without what it wished before, wishes no more and nobody else
 * owns. `conflicts` is what others own and the wish would change; without `force` they are the only result.
 */
export function ownApply(
  owned: OwnedValue,
  config: Value,
  by: Manager,
  force: boolean,
): AppliedValue | { conflicts: Conflict[] } {
  const { type, live, owners, ignored = emptyFieldSet, unowned = emptyFieldSet } = owned
  const key = managerKey(by)
  const last = owners.get(key)
  const set = subtractTrees(fieldSetOf(type, config), ignored)
  const wishing = new Map<string, Owner>(owners)
  wishing.set(key, { ...by, set, ...(last?.time === undefined ? {} : { time: last.time }) })
  const merged = mergeValues(type, live, config)
  // Who wishes for all that he wished for before takes nothing away.
  const dropped = last === undefined ? emptyFieldSet : subtractSet(last.set, set)
  const value = isEmptySet(dropped) ? merged : prune(type, merged, wishing, (last as Owner).set)
  const compared = excludeFields(compareValues(type, live, value), ignored)
  const conflicts = conflictsOf(wishing, key, compared)
  if (!force && conflicts.length > 0) return { conflicts }
  const { removed, modified, added } = compared
  const left = takeFrom(wishing, key, unionSets(unionSets(modified, added), removed))
  const own = left.get(key)
  if (own !== undefined) {
    const kept = subtractSet(own.set, unowned)
    if (isEmptySet(kept)) left.delete(key)
    else left.set(key, { ...own, set: kept })
  }
  return { value, owners: left, changed: !isSameValue(live, value) }
}

function conflictsOf(owners: Owners, key: string, { modified, added }: Comparison): Conflict[] {
  const changed = unionSets(modified, added)
  return [...owners].flatMap(([other, owner]) => {
    if (other === key) return []
    const fields = intersectSets(owner.set, changed)
    return isEmptySet(fields) ? [] : [{ owner, fields }]
  })
}

/** Everyone but the writer loses the fields; who is left with nothing goes. */
function takeFrom(owners: Owners, writer: string | undefined, lost: FieldSet): Map<string, Owner> {
  const out = new Map<string, Owner>()
  for (const [key, owner] of owners) {
    const set = key === writer ? owner.set : subtractSet(owner.set, lost)
    if (!isEmptySet(set)) out.set(key, set === owner.set ? owner : { ...owner, set })
  }
  return out
}

/**
 * Takes away what the manager wished before and nobody owns now. structured-merge-diff takes whatever shares a map or list
 * with that as well, when nobody owns it; here that stays: tags that came by other ways than a tracked write.
 */
function prune(type: MergeType, merged: Value, owners: Owners, last: FieldSet): Value {
  let owned = emptyFieldSet
  for (const { set } of owners.values()) owned = unionSets(owned, set)
  return removeFields(type, merged, subtractSet(last, withNamedFields(type, owned))) ?? {}
}
