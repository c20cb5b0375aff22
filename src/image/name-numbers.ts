/**
 * Numbers names, from 0 on, in some 50 bytes each where they are SHA-256 digests: as text they take 88, and 40 more in each map.
 * Never forgets one.
 */
export interface NameNumbers {
  /** Gives one to a name that has none. */
  number(name: string): number
  /** undefined for a name that has none. */
  find(name: string): number | undefined
  name(number: number): string
  readonly size: number
}

const digestShape = /^sha256:[0-9a-f]{64}$/
const digestBytes = 32
const digestWords = digestBytes / 4
/** Slots that may be taken, of each 8. */
const fullness = 5

export function createNameNumbers(): NameNumbers {
  let bytes = new Uint8Array(1024 * digestBytes)
  let words = new Uint32Array(bytes.buffer)
  /** Numbers of digests plus 1, by where their first words say; 0 is free. */
  let slots = new Uint32Array(2048)
  let digests = 0
  let size = 0
  const others = new Map<string, number>()
  const texts = new Map<number, string>()
  const asked = new Uint8Array(digestBytes)
  const askedWords = new Uint32Array(asked.buffer)

  /** Spread by multiplication: whoever chooses digests with equal ends gains nothing. */
  function firstSlot(high: number, low: number): number {
    return ((Math.imul(high ^ (low >>> 15), 0x9e3779b1) ^ Math.imul(low, 0x85ebca6b)) >>> 0) % slots.length
  }

  function isAsked(number: number): boolean {
    for (let n = 0; n < digestWords; n++) if (words[number * digestWords + n] !== askedWords[n]) return false
    return true
  }

  /** The slot of the digest that is asked for, or the free one where it belongs. */
  function findSlot(): number {
    for (let slot = firstSlot(askedWords[0]!, askedWords[1]!); ; slot = (slot + 1) % slots.length) {
      const found = slots[slot]!
      if (found === 0 || isAsked(found - 1)) return slot
    }
  }

  function widen(): void {
    const old = slots
    slots = new Uint32Array(old.length * 2)
    for (const found of old) {
      if (found === 0) continue
      const at = (found - 1) * digestWords
      let slot = firstSlot(words[at]!, words[at + 1]!)
      while (slots[slot] !== 0) slot = (slot + 1) % slots.length
      slots[slot] = found
    }
  }

  function keepAsked(number: number): void {
    const end = (number + 1) * digestBytes
    if (end > bytes.length) {
      const wide = new Uint8Array(Math.ceil((end * 3) / 2 / digestBytes) * digestBytes)
      wide.set(bytes)
      bytes = wide
      words = new Uint32Array(bytes.buffer)
    }
    bytes.set(asked, number * digestBytes)
  }

  function numberDigest(name: string): number {
    asked.setFromHex(name.slice(7))
    const known = slots[findSlot()]!
    if (known !== 0) return known - 1
    if (digests * 8 >= slots.length * fullness) widen()
    keepAsked(size)
    slots[findSlot()] = size + 1
    digests++
    return size++
  }

  function numberOther(name: string): number {
    const known = others.get(name)
    if (known !== undefined) return known
    others.set(name, size)
    texts.set(size, name)
    return size++
  }

  return {
    number: (name) => (digestShape.test(name) ? numberDigest(name) : numberOther(name)),
    find(name) {
      if (!digestShape.test(name)) return others.get(name)
      asked.setFromHex(name.slice(7))
      const known = slots[findSlot()]!
      return known === 0 ? undefined : known - 1
    },
    name(number) {
      const at = number * digestBytes
      return texts.get(number) ?? `sha256:${bytes.subarray(at, at + digestBytes).toHex()}`
    },
    get size() {
      return size
    },
  }
}
