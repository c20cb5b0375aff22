/** A JSON value as Go's `%#v` shows it, keys sorted: what messages about a failed template end in. */
export function formatGoSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(formatGoSyntax).join(', ')}}`
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    const pairs = entries.map(([key, one]) => `${JSON.stringify(key)}:${formatGoSyntax(one)}`)
    return `map[string]interface {}{${pairs.join(', ')}}`
  }
  return JSON.stringify(value)
}
