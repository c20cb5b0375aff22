import type { Digest } from './digest.ts'

/**
 * Numbers by digest in a few bytes each: for walks through everything that is stored. It knows digests by their first 64 bits,
 * so two that share them count as one: who asks must be able to live with a blob kept too long, and never with the reverse.
 */
export interface DigestTable {
  /** undefined for a digest that was never set. */
  get(digest: Digest): number | undefined
  /** A whole number below 2^32. */
  set(digest: Digest, value: number): void
  /** Drops what the predicate refuses. */
  keep(wanted: (value: number) => boolean): void
  readonly size: number
}

const stride = 3
const leastSlots = 1024
/** Slots that may be taken, of each 8. */
const fullness = 5

function hexWord(digest: string, at: number): number {
  let word = 0
  for (let n = at; n < at + 8; n++) {
    const code = digest.charCodeAt(n)
    word = (word << 4) | (code < 58 ? code - 48 : code - 87)
  }
  return word >>> 0
}

export function createDigestTable(): DigestTable {
  let slots = leastSlots
  let words = new Uint32Array(slots * stride)
  let size = 0

  /** Where the key is or would be. Spread by multiplication: whoever chooses digests with equal ends gains nothing. */
  function place(high: number, low: number): number {
    let slot = (Math.imul(high ^ (low >>> 15), 0x9e3779b1) ^ Math.imul(low, 0x85ebca6b)) >>> 0
    for (slot %= slots; ; slot = slot + 1 === slots ? 0 : slot + 1) {
      const at = slot * stride
      if (words[at] === high && words[at + 1] === low) return at
      if (words[at] === 0 && words[at + 1] === 0) return at
    }
  }

  function put(high: number, low: number, value: number): void {
    const at = place(high, low)
    if (words[at] === 0 && words[at + 1] === 0) size++
    words[at] = high
    words[at + 1] = low
    words[at + 2] = value
  }

  function rebuild(newSlots: number, wanted: (value: number) => boolean): void {
    const old = words
    slots = newSlots
    words = new Uint32Array(slots * stride)
    size = 0
    for (let at = 0; at < old.length; at += stride) {
      const [high = 0, low = 0, value = 0] = [old[at], old[at + 1], old[at + 2]]
      if ((high !== 0 || low !== 0) && wanted(value)) put(high, low, value)
    }
  }

  /** The digest's first 64 bits; none are all zero, which says that a slot is free. */
  function keyOf(digest: Digest): [number, number] {
    const start = digest.indexOf(':') + 1
    const high = hexWord(digest, start)
    const low = hexWord(digest, start + 8)
    return [high, high === 0 && low === 0 ? 1 : low]
  }

  return {
    get(digest) {
      const [high, low] = keyOf(digest)
      const at = place(high, low)
      return words[at] === 0 && words[at + 1] === 0 ? undefined : words[at + 2]
    },
    set(digest, value) {
      if (size * 8 >= slots * fullness) rebuild(slots * 2, () => true)
      const [high, low] = keyOf(digest)
      put(high, low, value)
    },
    keep(wanted) {
      let kept = 0
      for (let at = 0; at < words.length; at += stride) {
        if ((words[at] !== 0 || words[at + 1] !== 0) && wanted(words[at + 2] as number)) kept++
      }
      let wide = leastSlots
      while (kept * 8 >= wide * fullness) wide *= 2
      rebuild(wide, wanted)
    },
    get size() {
      return size
    },
  }
}
