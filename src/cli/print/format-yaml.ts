/**
 * YAML as sigs.k8s.io/yaml writes it, byte for byte: sorted keys, dashes at their key's indent, plain scalars where
 * they stay strings, double quotes where they would not, single quotes elsewhere, lines folded after column 80.
 * Scripts compare this output, and no option of a YAML library gives Go's choice of quotes.
 */

const width = 80

// Scalars that YAML 1.1 would read as something else than a string.
const notString =
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|<<|[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|[0-9][0-9_]*)|[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9_]*)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)?)$/

// biome-ignore lint/suspicious/noControlCharactersInRegex: characters that YAML must escape
const special = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff\ud800-\udfff\ufffe\uffff]/u
const indicatorFirst = /^[,?[\]{}#&*!|>'"%@`]|^[-?:](?:[ ]|$)|^(?:---|\.\.\.)/
const indicatorInside = /: | #|:$/

type Style = 'plain' | 'single' | 'double' | 'literal'

function styleOf(text: string, isKey: boolean): Style {
  if (text === '') return 'double'
  if (special.test(text)) return 'double'
  if (text.includes('\n')) return isKey || / \n| $|\n\n$|^[ \n]/.test(text) ? 'double' : 'literal'
  if (notString.test(text)) return 'double'
  if (/^ | $/.test(text)) return 'single'
  if (indicatorFirst.test(text) || indicatorInside.test(text)) return 'single'
  return 'plain'
}

const escapes: Record<string, string> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function escapeDouble(text: string): string {
  return Array.from(text, (c) => {
    const known = escapes[c]
    if (known !== undefined) return known
    const code = c.codePointAt(0) as number
    if (code >= 0x20 && code < 0x7f) return c
    if (code > 0xa0 && code !== 0xfeff && (code < 0xd800 || code > 0xdfff)) return c
    return code <= 0xff
      ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
      : `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
  }).join('')
}

/** Breaks at single spaces once the column is beyond the width; what follows starts at the indent. */
function fold(text: string, column: number, indent: number, double: boolean): string {
  let out = ''
  let at = column
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    const alone = c === ' ' && text[i - 1] !== ' ' && text[i + 1] !== ' '
    if (alone && at > width && i > 0 && i < text.length - 1) {
      out += `\n${' '.repeat(indent)}`
      at = indent
      if (double && text[i + 1] === ' ') out += '\\'
    } else {
      out += c
      at++
    }
  }
  return out
}

/** Text that neither begins with a blank nor ends in more than one line end. */
function literal(text: string, indent: number): string {
  const ended = text.endsWith('\n')
  const lines = (ended ? text.slice(0, -1) : text).split('\n')
  return `|${ended ? '' : '-'}\n${lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n')}`
}

function formatString(text: string, column: number, indent: number, isKey: boolean): string {
  switch (styleOf(text, isKey)) {
    case 'plain':
      return isKey ? text : fold(text, column, indent, false)
    case 'single': {
      const quoted = text.replaceAll("'", "''")
      return isKey ? `'${quoted}'` : `'${fold(quoted, column + 1, indent, false)}'`
    }
    case 'literal':
      return literal(text, indent)
    default: {
      const quoted = escapeDouble(text)
      return isKey ? `"${quoted}"` : `"${fold(quoted, column + 1, indent, true)}"`
    }
  }
}

function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  return String(value)
    .replace(/e\+?(-?)(\d)$/, 'e$10$2')
    .replace(/e(\d)/, 'e+$1')
}

function isEmpty(value: object): boolean {
  return Array.isArray(value) ? value.length === 0 : definedEntries(value).length === 0
}

function definedEntries(value: object): [string, unknown][] {
  return Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function scalar(value: unknown, column: number, indent: number): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return formatString(value, column, indent, false)
  return typeof value === 'number' ? formatNumber(value) : String(value)
}

/** Lines of a block; the first one is not indented, since it may follow a dash. */
function block(value: object, indent: number): string[] {
  const pad = ' '.repeat(indent)
  const lines: string[] = []
  const push = (line: string) => lines.push(lines.length === 0 ? line : pad + line)
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item !== 'object' || item === null) push(`- ${scalar(item, indent + 2, indent + 2)}`)
      else if (isEmpty(item)) push(`- ${Array.isArray(item) ? '[]' : '{}'}`)
      else {
        const [first, ...rest] = block(item, indent + 2)
        push(`- ${first}`)
        lines.push(...rest)
      }
    }
    return lines
  }
  for (const [key, item] of definedEntries(value)) {
    const name = formatString(key, 0, 0, true)
    if (typeof item !== 'object' || item === null) {
      push(`${name}: ${scalar(item, indent + name.length + 2, indent + 2)}`)
    } else if (isEmpty(item)) push(`${name}: ${Array.isArray(item) ? '[]' : '{}'}`)
    else {
      push(`${name}:`)
      const inner = Array.isArray(item) ? indent : indent + 2
      const [first, ...rest] = block(item, inner)
      lines.push(' '.repeat(inner) + first, ...rest)
    }
  }
  return lines
}

/** One document, ending in a newline. */
export function formatYaml(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${scalar(value, 0, 2)}\n`
  if (isEmpty(value)) return Array.isArray(value) ? '[]\n' : '{}\n'
  return `${block(value, 0).join('\n')}\n`
}
