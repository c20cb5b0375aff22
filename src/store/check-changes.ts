import { maxChanges } from './position.ts'
import type { Change, Key } from './store.ts'

/** TypeError for a key that UTF-8 cannot tell from others: a lone surrogate would be stored as a replacement character. */
export function checkKey(key: Key): void {
  if (!key.isWellFormed()) throw new TypeError(`the key ${JSON.stringify(key)} is not well-formed Unicode`)
}

/**
 * The changes with values of their own, which the caller can no longer touch.
 * TypeError, RangeError: an empty or malformed key, a key twice, an expectation that is no revision, too many changes.
 */
export function checkChanges(changes: readonly Change[]): Change[] {
  if (changes.length > maxChanges) {
    throw new RangeError(`a commit has at most ${maxChanges} changes, not ${changes.length}`)
  }
  const seen = new Set<Key>()
  return changes.map(({ key, value, expect }) => {
    checkKey(key)
    if (key === '') throw new TypeError('a key must not be empty')
    if (seen.has(key)) throw new TypeError(`the commit changes the key ${key} twice`)
    seen.add(key)
    if (typeof expect === 'number' && !Number.isSafeInteger(expect)) {
      throw new TypeError(`the change of ${key} expects ${expect}, which is no revision`)
    }
    // A view of a larger buffer, as Buffer gives, would take the whole of it along to the writer's thread.
    return { key, value: value === undefined ? undefined : new Uint8Array(value), expect }
  })
}
