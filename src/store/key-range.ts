import type { Key } from './store.ts'

/** Keys from `from` on, or after it when `open`, and before `to`; `to` undefined: to the end. */
export interface KeyRange {
  from: Key
  open: boolean
  to: Key | undefined
}

/** Negative, zero or positive, as the UTF-8 bytes of the first sort before, with or after those of the second. */
export function compareKeys(a: Key, b: Key): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

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
