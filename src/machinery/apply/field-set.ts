import { comparePathElements, type FieldPath, type PathElement } from './path-element.ts'

/**
 * A set of fields as a tree: `members` are fields of this level that belong to the set, `children` hold what belongs to it
 * below a field, whether that field itself is a member or not. Sets are never changed once made; operations share
 * what they can.
 */
export interface FieldSet {
  readonly members: ReadonlySet<PathElement>
  readonly children: ReadonlyMap<PathElement, FieldSet>
}

export const emptyFieldSet: FieldSet = { members: new Set(), children: new Map() }

export function isEmptySet({ members, children }: FieldSet): boolean {
  if (members.size > 0) return false
  for (const child of children.values()) if (!isEmptySet(child)) return false
  return true
}

export function unionSets(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a
  if (isEmptySet(a)) return b
  const children = new Map(a.children)
  for (const [element, child] of b.children) {
    const own = children.get(element)
    children.set(element, own === undefined ? child : unionSets(own, child))
  }
  return { members: new Set([...a.members, ...b.members]), children }
}

export function intersectSets(a: FieldSet, b: FieldSet): FieldSet {
  return {
    members: new Set([...a.members].filter((element) => b.members.has(element))),
    children: mapChildren(a, (child, element) => {
      const other = b.children.get(element)
      return other === undefined ? undefined : intersectSets(child, other)
    }),
  }
}

/** What is in `a` and not in `b`; a member of `b` takes away that field alone, not what is below it. */
export function subtractSet(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return a
  return {
    members: new Set([...a.members].filter((element) => !b.members.has(element))),
    children: mapChildren(a, (child, element) => {
      const other = b.children.get(element)
      return other === undefined ? child : subtractSet(child, other)
    }),
  }
}

/** What is in `a` and neither in `b` nor below a member of `b`. */
export function subtractTrees(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return a
  return {
    members: new Set([...a.members].filter((element) => !b.members.has(element))),
    children: mapChildren(a, (child, element) => {
      if (b.members.has(element)) return undefined
      const other = b.children.get(element)
      return other === undefined ? child : subtractTrees(child, other)
    }),
  }
}

function mapChildren(
  set: FieldSet,
  change: (child: FieldSet, element: PathElement) => FieldSet | undefined,
): Map<PathElement, FieldSet> {
  const children = new Map<PathElement, FieldSet>()
  for (const [element, child] of set.children) {
    const changed = change(child, element)
    if (changed !== undefined && !isEmptySet(changed)) children.set(element, changed)
  }
  return children
}

export function isSameSet(a: FieldSet, b: FieldSet): boolean {
  return a === b || (isEmptySet(subtractSet(a, b)) && isEmptySet(subtractSet(b, a)))
}

/** Every path of the set: members of a level before what is below. */
export function pathsOf(set: FieldSet, prefix: FieldPath = []): FieldPath[] {
  const members = [...set.members].sort(comparePathElements).map((element) => [...prefix, element])
  const children = [...set.children].sort(([a], [b]) => comparePathElements(a, b))
  return [...members, ...children.flatMap(([element, child]) => pathsOf(child, [...prefix, element]))]
}

/** Collects paths; `build` gives the set of those so far. */
export interface FieldSetBuilder {
  add(path: FieldPath): void
  build(): FieldSet
}

interface MutableSet {
  members: Set<PathElement>
  children: Map<PathElement, MutableSet>
}

export function createFieldSetBuilder(): FieldSetBuilder {
  const root: MutableSet = { members: new Set(), children: new Map() }
  return {
    add(path) {
      if (path.length === 0) return
      let at = root
      for (let i = 0; i < path.length - 1; i++) {
        const element = path[i] as PathElement
        let child = at.children.get(element)
        if (child === undefined) {
          child = { members: new Set(), children: new Map() }
          at.children.set(element, child)
        }
        at = child
      }
      at.members.add(path[path.length - 1] as PathElement)
    },
    build: () => root,
  }
}

export function toFieldSet(paths: readonly FieldPath[]): FieldSet {
  const builder = createFieldSetBuilder()
  for (const path of paths) builder.add(path)
  return builder.build()
}
