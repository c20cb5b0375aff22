import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Change, Entry, Key, Store } from '../store/store.ts'
import { kindPrefix } from './keys.ts'
import { decodeObject } from './object-codec.ts'

/**
 * What is true of few objects of a kind and somebody has to find them all at a start, without reading all the others: a key for each
 * such object, written in the same commit as the object itself.
 *
 *     marks/<group>/<plural>/<mark>/<the object's key after its kind>
 */
export interface Marking {
  kind: Pick<Kind, 'group' | 'plural'>
  /** Raised when `of` answers otherwise than before for what may be stored. */
  version: number
  /** The marks of an object: a function of the object alone. */
  of(object: KubeObject): readonly string[]
}

type Marked = Pick<Kind, 'group' | 'plural'>

const marksPrefix = (kind: Marked): Key => `marks/${kindPrefix(kind)}`
const markPrefix = (kind: Marked, mark: string): Key => `${marksPrefix(kind)}${mark}/`
const versionKey = (kind: Marked): Key => `marks-version/${kindPrefix(kind)}`

const nothing = new Uint8Array()

/** What else a commit changes that takes the object at the key from `before` to `after`. */
export function markChanges(
  { kind, of }: Marking,
  key: Key,
  before: KubeObject | undefined,
  after: KubeObject | undefined,
): Change[] {
  const had = before === undefined ? [] : of(before)
  const has = after === undefined ? [] : of(after)
  const path = key.slice(kindPrefix(kind).length)
  const change = (mark: string, value: Uint8Array | undefined): Change => ({
    key: `${markPrefix(kind, mark)}${path}`,
    value,
    expect: 'any',
  })
  return [
    ...has.filter((mark) => !had.includes(mark)).map((mark) => change(mark, nothing)),
    ...had.filter((mark) => !has.includes(mark)).map((mark) => change(mark, undefined)),
  ]
}

/** How many entries are looked at, or fetched, in one go. */
const step = 200

/** The objects that have the mark, in the order of their keys. */
export async function* markedEntries(store: Store, kind: Marked, mark: string): AsyncGenerator<Entry> {
  const prefix = markPrefix(kind, mark)
  const home = kindPrefix(kind)
  let after: Key | undefined
  for (;;) {
    const { entries } = await store.list(prefix, { after, limit: step, remaining: 'any' })
    const found = await store.getMany(entries.map(({ key }) => `${home}${key.slice(prefix.length)}`))
    for (const entry of found) if (entry !== undefined) yield entry
    after = entries.at(-1)?.key
    if (entries.length < step) return
  }
}

/**
 * Writes the marks of a store that has none, or those of another version, which takes a look at each object: before anything else
 * writes.
 */
export async function openMarks(store: Store, marking: Marking): Promise<void> {
  const { kind, version } = marking
  const key = versionKey(kind)
  const known = await store.get(key)
  if (known !== undefined && Buffer.from(known.value).toString() === String(version)) return
  await forget(store, marksPrefix(kind))
  const prefix = kindPrefix(kind)
  let after: Key | undefined
  for (;;) {
    const { entries } = await store.list(prefix, { after, limit: step, remaining: 'any' })
    const changes = entries.flatMap(({ key: place, value, revision }) =>
      markChanges(marking, place, undefined, decodeObject(value, revision)),
    )
    if (changes.length > 0) await store.commit(changes)
    after = entries.at(-1)?.key
    if (entries.length < step) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  await store.commit([{ key, value: Buffer.from(String(version)), expect: 'any' }])
}

async function forget(store: Store, prefix: Key): Promise<void> {
  for (;;) {
    const { entries } = await store.list(prefix, { limit: step, remaining: 'any' })
    if (entries.length === 0) return
    await store.commit(entries.map(({ key }) => ({ key, value: undefined, expect: 'any' as const })))
  }
}
