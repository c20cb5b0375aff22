import type { NamedTagEventList } from './tag-event.ts'

const widest = 40
const shortest = 10

function newestSecond(tag: NamedTagEventList): number {
  const created = tag.items?.[0]?.created
  return created ? Math.round(Date.parse(created) / 1000) : 0
}

/** Newest first, ties by name; what has no history comes last. */
function byAge(a: NamedTagEventList, b: NamedTagEventList): number {
  const difference = newestSecond(b) - newestSecond(a)
  if (difference !== 0) return difference
  return a.tag < b.tag ? -1 : 1
}

/** The tags of a stream in about forty characters (image-api.md §15.1). */
export function formatTagsCell(tags: readonly NamedTagEventList[]): string {
  const names = tags.toSorted(byAge).map((tag) => tag.tag)
  const shown = countShown(names)
  const text = names.slice(0, shown).join(',')
  return shown < names.length ? `${text} + ${names.length - shown} more...` : text
}

function countShown(names: readonly string[]): number {
  let budget = widest
  for (const [index, name] of names.entries()) {
    budget -= name.length + 1
    const isWorthIt = budget + name.length > shortest && -budget <= shortest
    if (budget < 0 && index > 0 && !isWorthIt) return index
  }
  return names.length
}
