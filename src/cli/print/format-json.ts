/** JSON as Go's encoders write it for people: 4 spaces, `<`, `>` and `&` escaped (cli.md §0.3). */

function escapeHtml(text: string): string {
  return text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Keys in order at every level; undefined ones left out. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, v]) => v !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sortKeys(v)]))
}

/** Ends in a newline. `typed` keeps the order of the keys, as Go does for objects whose type it knows. */
export function formatJson(value: unknown, options: { typed?: boolean; indent?: number } = {}): string {
  const ordered = options.typed === true ? value : sortKeys(value)
  return `${escapeHtml(JSON.stringify(ordered, undefined, options.indent ?? 4))}\n`
}

/** One line, sorted keys. */
export function formatCompactJson(value: unknown): string {
  return escapeHtml(JSON.stringify(sortKeys(value)))
}
