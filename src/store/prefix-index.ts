/**
 * Members by prefix. Finding those whose prefix a key begins with costs one lookup for each length of prefix that
 * occurs, at most the key's length, however many members there are.
 */
export class PrefixIndex<T> {
  readonly #members = new Map<string, Set<T>>()
  /** How many prefixes there are of each length. */
  readonly #lengths = new Map<number, number>()

  add(prefix: string, member: T): void {
    const members = this.#members.get(prefix)
    if (members !== undefined) {
      members.add(member)
      return
    }
    this.#members.set(prefix, new Set([member]))
    this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1)
  }

  remove(prefix: string, member: T): void {
    const members = this.#members.get(prefix)
    if (members === undefined || !members.delete(member) || members.size > 0) return
    this.#members.delete(prefix)
    const left = (this.#lengths.get(prefix.length) ?? 1) - 1
    if (left === 0) this.#lengths.delete(prefix.length)
    else this.#lengths.set(prefix.length, left)
  }

  *matching(key: string): Iterable<T> {
    for (const length of this.#lengths.keys()) {
      if (length > key.length) continue
      const members = this.#members.get(key.slice(0, length))
      if (members !== undefined) yield* members
    }
  }

  *all(): Iterable<T> {
    for (const members of this.#members.values()) yield* members
  }
}
