import type { Key } from './store.ts'

/** Keys from `from` on, or after it when `open`, and before `to`; `to` undefined: to the end. */
export interface KeyRange {
  from: Key
  open: boolean
  to: Key | undefined
}

/** Negative, zero or positive, as the UTF-8 bytes of the first sort before, with or after those of the second. */
export function compareKeys(a: Key, b: Key): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (one !== other) return placeOf(one) - placeOf(other)
  }
  return a.length - b.length
}

/** Units of UTF-16 sort as the code points that they are of, but for surrogates: what they make comes after all others. */
const placeOf = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit)

/**
 * The keys that begin with the prefix and come after `after`; undefined when there can be none.
 * In UTF-8, order of bytes is order of code points, so the first key behind a prefix is the prefix with its last code
 * point counted up.
 */
export function rangeOf(prefix: Key, after?: Key): KeyRange | undefined {
  const to = keyBehind(prefix)
  if (after === undefined || compareKeys(after, prefix) < 0) return { from: prefix, open: false, to }
  if (to !== undefined && compareKeys(after, to) >= 0) return undefined
  return { from: after, open: true, to }
}

function keyBehind(prefix: Key): Key | undefined {
  const ending = prefix.charCodeAt(prefix.length - 1)
  // Nearly all end with `/` or `:`.
  if (ending < 0x7f) return prefix.slice(0, -1) + String.fromCharCode(ending + 1)
  const points = Array.from(prefix, (char) => char.codePointAt(0) ?? 0)
  while (points.length > 0) {
    const last = points.pop() ?? 0
    // Surrogates are no code points of their own, and nothing comes after the last one.
    const next = last === 0xd7ff ? 0xe000 : last + 1
    if (next <= 0x10ffff) return String.fromCodePoint(...points, next)
  }
  return undefined
}

/** Whether the key is in the range, and not after `last`; undefined: to the range's end. */
export function isWithin(range: KeyRange, key: Key, last: Key | undefined): boolean {
  const fromStart = compareKeys(key, range.from)
  if (fromStart < 0 || (range.open && fromStart === 0)) return false
  if (last !== undefined) return compareKeys(key, last) <= 0
  return range.to === undefined || compareKeys(key, range.to) < 0
}
