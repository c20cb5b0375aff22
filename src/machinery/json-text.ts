/**
 * JSON text with the messages of Go's decoder, and the fields that occur twice in one object, which `JSON.parse` hides.
 */

/** Text that is no JSON; the message is Go's, e.g. `invalid character 'b' looking for beginning of object key string`. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'
}

/** A tenth of Go's, so that what walks the value later has room on the stack. */
const maxDepth = 1000
const literals: Record<string, string> = { t: 'true', f: 'false', n: 'null' }

/** Go's name of one byte (or, in text that was decoded, one character). */
function quoteCharacter(c: string): string {
  if (c === "'") return "'\\''"
  if (c === '"') return `'"'`
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }[c]
  if (short !== undefined) return `'${short}'`
  const code = c.charCodeAt(0)
  const isControl = code < 0x20 || (code >= 0x7f && code < 0xa1) || code === 0xad
  return isControl ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'${c}'`
}

class Scanner {
  private readonly text: string
  private at = 0
  private readonly path: (string | number)[] = []
  readonly duplicates: string[] = []

  constructor(text: string) {
    this.text = text
  }

  scanDocument(): void {
    this.scanValue(0)
    this.skipSpace()
    if (this.at < this.text.length) throw this.unexpected('after top-level value')
  }

  private unexpected(where: string): JsonSyntaxError {
    const c = this.text[this.at]
    return new JsonSyntaxError(
      c === undefined ? 'unexpected end of JSON input' : `invalid character ${quoteCharacter(c)} ${where}`,
    )
  }

  private skipSpace(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? 'x')) this.at++
  }

  private scanValue(depth: number): void {
    if (depth > maxDepth) throw new JsonSyntaxError('exceeded max depth')
    this.skipSpace()
    const c = this.text[this.at]
    if (c === '{') this.scanObject(depth)
    else if (c === '[') this.scanList(depth)
    else if (c === '"') this.skipString()
    else if (c !== undefined && literals[c] !== undefined) this.scanLiteral(literals[c])
    else if (c === '-' || isDigit(c)) this.scanNumber()
    else throw this.unexpected('looking for beginning of value')
  }

  private scanObject(depth: number): void {
    const seen = new Set<string>()
    this.at++
    this.skipSpace()
    if (this.text[this.at] === '}') {
      this.at++
      return
    }
    for (;;) {
      this.skipSpace()
      if (this.text[this.at] !== '"') throw this.unexpected('looking for beginning of object key string')
      const key = this.scanString()
      this.path.push(key)
      if (seen.has(key)) this.duplicates.push(this.formatPath())
      seen.add(key)
      this.skipSpace()
      if (this.text[this.at] !== ':') throw this.unexpected('after object key')
      this.at++
      this.scanValue(depth + 1)
      this.path.pop()
      this.skipSpace()
      const c = this.text[this.at]
      if (c !== '}' && c !== ',') throw this.unexpected('after object key:value pair')
      this.at++
      if (c === '}') return
    }
  }

  private scanList(depth: number): void {
    this.at++
    this.skipSpace()
    if (this.text[this.at] === ']') {
      this.at++
      return
    }
    for (let index = 0; ; index++) {
      this.path.push(index)
      this.scanValue(depth + 1)
      this.path.pop()
      this.skipSpace()
      const c = this.text[this.at]
      if (c !== ']' && c !== ',') throw this.unexpected('after array element')
      this.at++
      if (c === ']') return
    }
  }

  private scanString(): string {
    const start = this.at
    this.skipString()
    return JSON.parse(this.text.slice(start, this.at)) as string
  }

  private skipString(): void {
    this.at++
    for (;;) {
      const c = this.text[this.at]
      if (c === '"') break
      if (c === '\\') this.scanEscape()
      else if (c === undefined || c < ' ') throw this.unexpected('in string literal')
      else this.at++
    }
    this.at++
  }

  private scanEscape(): void {
    this.at++
    const c = this.text[this.at]
    if (c === undefined || !'"\\/bfnrtu'.includes(c)) throw this.unexpected('in string escape code')
    this.at++
    for (let i = 0; c === 'u' && i < 4; i++, this.at++) {
      if (!/[0-9a-fA-F]/.test(this.text[this.at] ?? '')) {
        throw this.unexpected('in \\u hexadecimal character escape')
      }
    }
  }

  private scanLiteral(literal: string): void {
    for (const expected of literal) {
      if (this.text[this.at] !== expected) {
        throw this.unexpected(`in literal ${literal} (expecting ${quoteCharacter(expected)})`)
      }
      this.at++
    }
  }

  private scanNumber(): void {
    if (this.text[this.at] === '-') this.at++
    if (this.text[this.at] === '0') this.at++
    else this.scanDigits('in numeric literal')
    if (this.text[this.at] === '.') {
      this.at++
      this.scanDigits('after decimal point in numeric literal')
    }
    if (/[eE]/.test(this.text[this.at] ?? '')) {
      this.at++
      if (/[+-]/.test(this.text[this.at] ?? '')) this.at++
      this.scanDigits('in exponent of numeric literal')
    }
  }

  private scanDigits(where: string): void {
    if (!isDigit(this.text[this.at])) throw this.unexpected(where)
    while (isDigit(this.text[this.at])) this.at++
  }

  private formatPath(): string {
    return this.path.reduce<string>((text, step) => {
      if (typeof step === 'number') return `${text}[${step}]`
      return text === '' ? step : `${text}.${step}`
    }, '')
  }
}

function isDigit(c: string | undefined): boolean {
  return c !== undefined && c >= '0' && c <= '9'
}

export interface ParsedJson {
  value: unknown
  /** Paths of fields that an object has twice; the last one counts. */
  duplicates: string[]
}

/** Throws a JsonSyntaxError. */
export function parseJsonText(text: string): ParsedJson {
  const scanner = new Scanner(text)
  scanner.scanDocument()
  return { value: JSON.parse(text) as unknown, duplicates: scanner.duplicates }
}
