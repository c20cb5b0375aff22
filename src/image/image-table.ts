import { createNameNumbers, type NameNumbers } from './name-numbers.ts'
import type { ImageFacts } from './prune-facts.ts'

/**
 * What pruning knows of images, in some 30 bytes for each, 4 for each blob of each, and what the names take once: so that a million of
 * them fits. Facts are made anew for who asks.
 */
export interface ImageTable {
  readonly numbers: NameNumbers
  readonly size: number
  /** Each name once: a second time changes nothing. */
  add(facts: ImageFacts): void
  get(name: string): ImageFacts | undefined
  /** In the order in which they came, from 0 on. */
  at(row: number): ImageFacts
  nameAt(row: number): number
  /** Numbers of the blobs. */
  blobsAt(row: number): Uint32Array
  /** What an index lists, by numbers; nothing for an image that isn't there. */
  childrenOf(name: number): readonly number[]
  /** What the image refers to. */
  subjectAt(row: number): string | undefined
}

type Column = Uint8Array | Uint32Array | Float64Array

/** The column, or a wider one with the same content. */
export function withRoom<T extends Column>(column: T, length: number): T {
  if (length <= column.length) return column
  const Kind = column.constructor as new (length: number) => T
  const wide = new Kind(Math.ceil(length * 1.5))
  wide.set(column)
  return wide
}

const none: readonly number[] = []

/** `numbers` may be one that has other names, too. */
export function createImageTable(
  images: Iterable<ImageFacts> = [],
  numbers: NameNumbers = createNameNumbers(),
): ImageTable {
  let size = 0
  let names = new Uint32Array(256)
  let created = new Float64Array(256)
  let sizes = new Float64Array(256)
  let managed = new Uint8Array(256)
  /** Where the blobs of the row end, in `blobs`. */
  let ends = new Uint32Array(256)
  let blobs = new Uint32Array(1024)
  /** Row plus 1 by number of the name. */
  let rows = new Uint32Array(1024)
  const children = new Map<number, readonly number[]>()
  const subjects = new Map<number, string>()

  const rowOf = (number: number): number | undefined => {
    const row = rows[number] ?? 0
    return row === 0 ? undefined : row - 1
  }
  const endOf = (row: number): number => (row < 0 ? 0 : ends[row]!)

  function addBlobs(row: number, names: readonly string[]): void {
    let end = endOf(row - 1)
    blobs = withRoom(blobs, end + names.length)
    for (const name of names) blobs[end++] = numbers.number(name)
    ends = withRoom(ends, row + 1)
    ends[row] = end
  }

  function add(facts: ImageFacts): void {
    const number = numbers.number(facts.name)
    if (rowOf(number) !== undefined) return
    const row = size++
    rows = withRoom(rows, number + 1)
    rows[number] = row + 1
    names = withRoom(names, row + 1)
    names[row] = number
    created = withRoom(created, row + 1)
    created[row] = facts.created
    sizes = withRoom(sizes, row + 1)
    sizes[row] = facts.size
    managed = withRoom(managed, row + 1)
    managed[row] = facts.managed ? 1 : 0
    addBlobs(row, facts.blobs)
    if (facts.children.length > 0) children.set(row, facts.children.map(numbers.number))
    if (facts.subject !== undefined) subjects.set(row, facts.subject)
  }

  const blobsAt = (row: number): Uint32Array => blobs.subarray(endOf(row - 1), endOf(row))

  function at(row: number): ImageFacts {
    const subject = subjects.get(row)
    return {
      name: numbers.name(names[row]!),
      created: created[row]!,
      managed: managed[row] === 1,
      blobs: Array.from(blobsAt(row), numbers.name),
      children: (children.get(row) ?? none).map(numbers.name),
      ...(subject === undefined ? {} : { subject }),
      size: sizes[row]!,
    }
  }

  for (const facts of images) add(facts)
  return {
    numbers,
    get size() {
      return size
    },
    add,
    get(name) {
      const number = numbers.find(name)
      const row = number === undefined ? undefined : rowOf(number)
      return row === undefined ? undefined : at(row)
    },
    at,
    nameAt: (row) => names[row]!,
    blobsAt,
    subjectAt: (row) => subjects.get(row),
    childrenOf(name) {
      const row = rowOf(name)
      return row === undefined ? none : (children.get(row) ?? none)
    },
  }
}
