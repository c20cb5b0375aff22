/**
 * Members by prefix. Finding those whose prefix a key begins with costs one comparison of a character for each length and end of a
 * prefix that occurs, and one lookup where they agree, however many members there are.
 */
export class PrefixIndex<T> {
  readonly #members = new Map<string, Set<T>>()
  /** How many prefixes there are of each shape. */
  readonly #shapes = new Map<number, number>()

  add(prefix: string, member: T): void {
    const members = this.#members.get(prefix)
    if (members !== undefined) {
      members.add(member)
      return
    }
    this.#members.set(prefix, new Set([member]))
    const shape = shapeOf(prefix, prefix.length)
    this.#shapes.set(shape, (this.#shapes.get(shape) ?? 0) + 1)
  }

  remove(prefix: string, member: T): void {
    const members = this.#members.get(prefix)
    if (members === undefined || !members.delete(member) || members.size > 0) return
    this.#members.delete(prefix)
    const shape = shapeOf(prefix, prefix.length)
    const left = (this.#shapes.get(shape) ?? 1) - 1
    if (left === 0) this.#shapes.delete(shape)
    else this.#shapes.set(shape, left)
  }

  *matching(key: string): Iterable<T> {
    for (const shape of this.#shapes.keys()) {
      const length = Math.floor(shape / units)
      if (length > key.length || shapeOf(key, length) !== shape) continue
      const members = this.#members.get(key.slice(0, length))
      if (members !== undefined) yield* members
    }
  }

  *all(): Iterable<T> {
    for (const members of this.#members.values()) yield* members
  }
}

/** Values of a UTF-16 code unit. */
const units = 0x10000

/** Length and last character of the text's first so many: most prefixes end with `/` or `:`, most places of a key don't. */
function shapeOf(text: string, length: number): number {
  return length * units + (length === 0 ? 0 : text.charCodeAt(length - 1))
}
