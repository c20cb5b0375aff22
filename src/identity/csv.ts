export interface CsvRecord {
  /** Where it begins, from 1. */
  line: number
  fields: string[]
}

export class CsvError extends Error {
  override readonly name = 'CsvError'
  readonly line: number
  constructor(line: number, why: string) {
    super(why)
    this.line = line
  }
}

/**
 * Commas, quotes doubled inside quotes, line breaks inside quotes (RFC 4180); empty lines are no records. Throws
 * CsvError.
 */
export function parseCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = []
  let position = text.startsWith('\ufeff') ? 1 : 0
  let line = 1
  while (position < text.length) {
    const record: CsvRecord = { line, fields: [] }
    let more = true
    while (more) {
      const field = text[position] === '"' ? readQuoted(text, position, line) : readBare(text, position, line)
      record.fields.push(field.text)
      position = field.end
      line += field.lines
      more = text[position] === ','
      if (more) position++
    }
    if (text[position] === '\r') position++
    if (text[position] === '\n') position++
    line++
    if (record.fields.length > 1 || record.fields[0] !== '') records.push(record)
  }
  return records
}

interface Field {
  text: string
  end: number
  /** Line breaks in it. */
  lines: number
}

function readBare(text: string, start: number, line: number): Field {
  let end = start
  while (end < text.length && !/[,\r\n]/.test(text[end] as string)) {
    if (text[end] === '"') throw new CsvError(line, 'a quote in a field that is not quoted')
    end++
  }
  return { text: text.slice(start, end), end, lines: 0 }
}

function readQuoted(text: string, start: number, line: number): Field {
  let value = ''
  let end = start + 1
  while (end < text.length) {
    if (text[end] !== '"') value += text[end++]
    else if (text[end + 1] === '"') {
      value += '"'
      end += 2
    } else break
  }
  if (end >= text.length) throw new CsvError(line, 'a quoted field that does not end')
  const lines = value.split('\n').length - 1
  const next = text[end + 1]
  if (next !== undefined && !/[,\r\n]/.test(next)) {
    throw new CsvError(line + lines, 'text after the end of a quoted field')
  }
  return { text: value, end: end + 1, lines }
}
