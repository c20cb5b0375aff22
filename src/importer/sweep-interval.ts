import type { TagReference } from '../api/image/index.ts'

/** On a spec tag: how often its source is looked at, e.g. `90s`, `5m`, `6h`, `1d`. Shorter than allowed counts as the shortest. */
export const importIntervalAnnotation = 'weir.dev/import-interval'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds; undefined for text that is no duration: one or more of `<number><unit>`, units s, m, h, d. */
export function parseInterval(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d{1,9})([smhd])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined
  const sum = parts.reduce(
    (total, [, count, unit]) => total + Number(count) * (units[unit as string] as number),
    0,
  )
  return sum > 0 && Number.isSafeInteger(sum) ? sum : undefined
}

const longest = 30 * 86_400_000

/** The tag's own interval within bounds, else the configured one. Milliseconds. */
export function tagInterval(tag: TagReference, usual: number, shortest: number): number {
  const own = parseInterval(tag.annotations?.[importIntervalAnnotation] ?? '')
  return own === undefined ? usual : Math.min(longest, Math.max(shortest, own))
}
