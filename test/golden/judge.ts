import type { PartComparer } from './compare-parts.ts'
import type { KnownDifference } from './recordings.ts'

/** What a comparison says against what is expected of it. */

export interface Comparison {
  /** Names of the recordings that differ or have no counterpart, each with its lines of the report. */
  differing: ReadonlyMap<string, string>
  identical: number
  compared: number
}

export interface Verdict {
  /** Recordings that should match and don't, with what differs. */
  unexpected: readonly string[]
  /** Listed ones that differ in more than the list says. */
  more: readonly string[]
  /** Names in the list of differences that match by now, or parts of them that do. */
  stale: readonly string[]
}

/** Reads what compare.mjs prints: a line for each recording that differs, two that show where, a last line of totals. */
export function parseComparison(text: string): Comparison {
  const differing = new Map<string, string>()
  let current: string | undefined
  for (const line of text.split('\n')) {
    const name = /^(\d{3}-[^\s:]+): /.exec(line)?.[1]
    if (name !== undefined) current = name
    else if (!/^ {2}[-+] /.test(line)) current = undefined
    if (current === undefined) continue
    const before = differing.get(current)
    differing.set(current, before === undefined ? line : `${before}\n${line}`)
  }
  const [, identical, compared] = /(\d+) of (\d+) identical\s*$/.exec(text) ?? []
  if (identical === undefined) throw new Error(`no totals at the end of the comparison:\n${text}`)
  return { differing, identical: Number(identical), compared: Number(compared) }
}

/** `headers` covers every header. */
const covers = (listed: readonly string[], part: string) =>
  listed.includes(part) || listed.includes(part.split(':')[0] as string)

/**
 * A recording outside the list must match; one in the list must differ, and only where the list says, or the list is stale.
 * `inPiece` tells which numbers have been replayed.
 */
export function judge(
  { differing }: Comparison,
  known: ReadonlyMap<string, KnownDifference>,
  parts: Pick<PartComparer, 'differingParts'>,
  inPiece: (number: number) => boolean,
): Verdict {
  const replayed = (name: string) => inPiece(Number(name.slice(0, 3)))
  const listed = [...known.values()].filter(({ name }) => replayed(name))
  const found = new Map(listed.map(({ name }) => [name, parts.differingParts(name)]))
  const partsOf = (name: string) => found.get(name) ?? []
  return {
    unexpected: [...differing].filter(([name]) => replayed(name) && !known.has(name)).map(([, text]) => text),
    more: listed.flatMap(({ name, parts: may }) =>
      partsOf(name)
        .filter((part) => !covers(may, part))
        .map((part) => `${name}: ${part}`),
    ),
    stale: listed
      .filter(({ mayMatch }) => !mayMatch)
      .flatMap(({ name, parts: may }) =>
        may
          .filter((part) => !partsOf(name).some((one) => covers([part], one)))
          .map((part) => `${name}: ${part}`),
      ),
  }
}
