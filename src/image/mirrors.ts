/**
 * Which places to ask for a repository, in order (registry.md B-68, import.md §6). Pure.
 */

/** One source of an ImageContentSourcePolicy, ImageDigestMirrorSet or ImageTagMirrorSet. */
export interface MirrorEntry {
  /** `host[:port][/path]` */
  source: string
  mirrors: readonly string[]
  /** ICSP and IDMS serve references by digest, ITMS references by tag. */
  use: 'digest' | 'tag'
  neverSource: boolean
}

export interface PullSource {
  /** `registry/name`, as the mirror set writes it. */
  repository: string
  isMirror: boolean
}

/** The policy objects as the API has them, all of their kind. */
export interface MirrorObjects {
  contentSourcePolicies: readonly MirrorObject<'repositoryDigestMirrors'>[]
  digestMirrorSets: readonly MirrorObject<'imageDigestMirrors'>[]
  tagMirrorSets: readonly MirrorObject<'imageTagMirrors'>[]
}

type MirrorObject<Field extends string> = {
  spec?: Partial<
    Record<Field, readonly { source?: string; mirrors?: readonly string[]; mirrorSourcePolicy?: string }[]>
  >
}

export function toMirrorEntries(objects: MirrorObjects): MirrorEntry[] {
  const read = <F extends string>(
    list: readonly MirrorObject<F>[],
    field: F,
    use: 'digest' | 'tag',
  ): MirrorEntry[] =>
    list.flatMap(({ spec }) =>
      (spec?.[field] ?? []).flatMap(({ source, mirrors = [], mirrorSourcePolicy }) =>
        source === undefined || source === ''
          ? []
          : [{ source, mirrors, use, neverSource: mirrorSourcePolicy === 'NeverContactSource' }],
      ),
    )
  return [
    ...read(objects.contentSourcePolicies, 'repositoryDigestMirrors', 'digest'),
    ...read(objects.digestMirrorSets, 'imageDigestMirrors', 'digest'),
    ...read(objects.tagMirrorSets, 'imageTagMirrors', 'tag'),
  ]
}

function covers(source: string, repository: string): boolean {
  return repository === source || repository.startsWith(`${source}/`)
}

/**
 * Mirrors first, the repository itself last; `honourNever` leaves it out where every entry used says
 * `NeverContactSource` (pull-through; imports always end with the original). Only entries with the longest matching
 * source count; several with the same source are merged, each list keeping its order.
 */
export function planSources(
  repository: string,
  use: 'digest' | 'tag',
  entries: readonly MirrorEntry[],
  honourNever: boolean,
): PullSource[] {
  const matching = entries.filter(
    (entry) =>
      entry.use === use && covers(entry.source, repository) && entry.mirrors.some((m) => m !== entry.source),
  )
  const longest = Math.max(0, ...matching.map(({ source }) => source.length))
  const chosen = matching.filter(({ source }) => source.length === longest)
  const mirrors = mergeOrders(
    chosen.map((entry) => entry.mirrors.filter((mirror) => mirror !== entry.source)),
  )
  const rest = repository.slice(longest)
  const original: PullSource = { repository, isMirror: false }
  const named = mirrors.map((mirror) => ({ repository: `${mirror}${rest}`, isMirror: true }))
  const never = honourNever && chosen.length > 0 && chosen.every(({ neverSource }) => neverSource)
  return never ? named : [...named, original]
}

/** One order that keeps every list's own; ties and contradictions go by name. */
function mergeOrders(lists: readonly (readonly string[])[]): string[] {
  const waiting = new Map<string, Set<string>>()
  for (const list of lists) {
    for (const [index, item] of list.entries()) {
      const before = waiting.get(item) ?? new Set()
      for (const earlier of list.slice(0, index)) if (earlier !== item) before.add(earlier)
      waiting.set(item, before)
    }
  }
  const merged: string[] = []
  while (waiting.size > 0) {
    const names = [...waiting.keys()].sort()
    const next = names.find((name) => waiting.get(name)?.size === 0) ?? (names[0] as string)
    merged.push(next)
    waiting.delete(next)
    for (const before of waiting.values()) before.delete(next)
  }
  return merged
}
