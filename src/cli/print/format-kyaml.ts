import { sortKeys } from './format-json.ts'

/** KYAML: YAML in flow style, double-quoted strings, trailing commas, a `---` before each document. */

const plainKey = /^[A-Za-z_][\w./-]*$/
const ambiguous = /^(?:y|n|yes|no|on|off|true|false|null|~)$/i

function formatKey(key: string): string {
  return plainKey.test(key) && !ambiguous.test(key) ? key : JSON.stringify(key)
}

function format(value: unknown, indent: number): string {
  const pad = ' '.repeat(indent)
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    if (value.every((item) => typeof item === 'object' && item !== null)) {
      return `[${value.map((item) => format(item, indent)).join(', ')}]`
    }
    return `[\n${value.map((item) => `${pad}  ${format(item, indent + 2)},\n`).join('')}${pad}]`
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if (entries.length === 0) return '{}'
    return `{\n${entries.map(([k, v]) => `${pad}  ${formatKey(k)}: ${format(v, indent + 2)},\n`).join('')}${pad}}`
  }
  return JSON.stringify(value)
}

export function formatKyaml(value: unknown): string {
  return `---\n${format(sortKeys(value), 0)}\n`
}
