/**
 * A second, much smaller statement of the merge rules, for the property test: an object is a set of cells (leaves with a
 * value) and items (elements of keyed lists), each with the names of those who own it.
 *
 * A place is a list of steps: `labels` a field, `name=x` an element by its key. Fields are owned by their cells; an item
 * is a thing of its own.
 */
export type Place = string

export interface Wish {
  /** Leaves and what they shall be. */
  cells: Map<Place, unknown>
  /** Elements, with all that they are in. */
  items: Set<Place>
}

export interface Model extends Wish {
  owners: Map<string, Set<Place>>
}

export function emptyModel(): Model {
  return { cells: new Map(), items: new Set(), owners: new Map() }
}

export const placesOf = ({ cells, items }: Wish): Set<Place> => new Set([...cells.keys(), ...items])

const isBelow = (place: Place, item: Place) => place.startsWith(`${item}/`)

/** Every item on the way to a place, itself included. */
export function itemsOn(place: Place): Place[] {
  const steps = place.split('/')
  return steps.flatMap((step, index) => (step.includes('=') ? [steps.slice(0, index + 1).join('/')] : []))
}

export function toWish(cells: ReadonlyMap<Place, unknown>, items: readonly Place[]): Wish {
  return { cells: new Map(cells), items: new Set([...cells.keys(), ...items].flatMap(itemsOn)) }
}

function ownedByOthers({ owners }: Model, place: Place, manager: string): string[] {
  return [...owners].filter(([name, places]) => name !== manager && places.has(place)).map(([name]) => name)
}

/** `conflicts` counts a place once for each other owner; without force nothing changes when there is any. */
export function applyWish(
  model: Model,
  manager: string,
  wish: Wish,
  force: boolean,
): { conflicts: number; next: Model } {
  const prior = model.owners.get(manager) ?? new Set()
  const wished = placesOf(wish)
  const changed = [...wish.cells]
    .filter(([place, value]) => different(model, place, value))
    .map(([place]) => place)
  const conflicts = changed
    .filter((place) => model.cells.has(place))
    .reduce((sum, place) => sum + ownedByOthers(model, place, manager).length, 0)
  if (conflicts > 0 && !force) return { conflicts, next: model }

  const dropped = [...prior].filter(
    (place) => !wished.has(place) && ownedByOthers(model, place, manager).length === 0,
  )
  const gone = (place: Place) =>
    dropped.some((one) => one === place || (one.includes('=') && isItem(one) && isBelow(place, one)))
  const next: Model = {
    cells: new Map([...model.cells].filter(([place]) => !gone(place))),
    items: new Set([...model.items].filter((place) => !gone(place))),
    owners: new Map(),
  }
  for (const [place, value] of wish.cells) next.cells.set(place, value)
  for (const item of wish.items) next.items.add(item)
  const lost = new Set([...changed, ...[...placesOf(model)].filter((place) => !placesOf(next).has(place))])
  give(model, next, lost, manager, wished)
  return { conflicts, next }
}

const isItem = (place: Place) => (place.split('/').at(-1) as string).includes('=')

function different(model: Model, place: Place, value: unknown): boolean {
  return !model.cells.has(place) || JSON.stringify(model.cells.get(place)) !== JSON.stringify(value)
}

function give(
  before: Model,
  next: Model,
  lost: ReadonlySet<Place>,
  manager: string,
  owned: Set<Place>,
): void {
  for (const [name, places] of before.owners)
    if (name !== manager) next.owners.set(name, places.difference(lost))
  next.owners.set(manager, owned)
}

/** A write of the whole object: what it changes and adds is its writer's. */
export function updateTo(model: Model, manager: string, target: Wish): Model {
  const changed = [...target.cells]
    .filter(([place, value]) => different(model, place, value))
    .map(([place]) => place)
  const added = [...target.items].filter((item) => !model.items.has(item))
  const gained = new Set([...changed, ...added])
  const removed = [...placesOf(model)].filter((place) => !placesOf(target).has(place))
  const lost = new Set([...gained, ...removed])
  const next: Model = { cells: new Map(target.cells), items: new Set(target.items), owners: new Map() }
  give(model, next, lost, manager, (model.owners.get(manager) ?? new Set()).difference(lost).union(gained))
  return next
}
