import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError, fileProblem, messageOf } from '../errors.ts'
import { visible } from '../io.ts'
import type { Parsed } from '../parse/flags.ts'
import { formatCompactJson } from './format-json.ts'
import { findPath, parseRelaxedPath } from './json-path.ts'
import type { Step } from './json-path-parse.ts'
import type { ObjectPrinter, PrintedObject } from './printer.ts'
import { formatTabs, tableLayout } from './tab-writer.ts'

/** `-o custom-columns=NAME:.metadata.name,…` and `-o custom-columns-file=FILE`. */

interface Column {
  header: string
  steps: Step[]
}

function parseColumn(header: string, path: string): Column {
  try {
    return { header, steps: parseRelaxedPath(path) }
  } catch (error) {
    throw new CliError(messageOf(error))
  }
}

function parseSpec(spec: string): Column[] {
  if (spec === '') throw new CliError('custom-columns format specified but no custom columns given')
  // A comma inside of brackets belongs to the path.
  return (spec.match(/(?:[^,[]|\[[^\]]*\])+/g) ?? []).map((part) => {
    const colon = part.indexOf(':')
    if (colon === -1) {
      throw new CliError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`)
    }
    return parseColumn(part.slice(0, colon), part.slice(colon + 1))
  })
}

async function readSpecFile(path: string, cwd: string): Promise<Column[]> {
  if (path === '') throw new CliError('custom-columns-file format specified but no custom columns given')
  let text: string
  try {
    text = await readFile(resolve(cwd, path), 'utf8')
  } catch (error) {
    throw new CliError(`error reading template ${path}, ${fileProblem(error, path)}`)
  }
  const [headers = '', paths = ''] = text.split('\n')
  const names = headers.trim().split(/\s+/)
  const specs = paths.trim().split(/\s+/)
  if (names.length !== specs.length)
    throw new CliError(
      `number of headers (${names.length}) and field specifications (${specs.length}) don't match`,
    )
  return names.map((name, i) => parseColumn(name, specs[i] as string))
}

function cell(object: unknown, column: Column): string {
  const found = findPath(object, column.steps)
  if (found.length === 0) return '<none>'
  return found
    .map((value) => (value === null ? '<nil>' : typeof value === 'object' ? goValue(value) : String(value)))
    .join(',')
}

/** Go prints maps as `map[a:b]` and lists as `[a b]` here. */
function goValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([k, v]) => `${k}:${goValue(v)}`).join(' ')}]`
  }
  return typeof value === 'string' ? value : formatCompactJson(value)
}

export async function columnsPrinter(flags: Parsed, cwd: string): Promise<ObjectPrinter> {
  const output = flags.string('output')
  const equals = output.indexOf('=')
  const format = equals === -1 ? output : output.slice(0, equals)
  const spec = equals === -1 ? flags.string('template') : output.slice(equals + 1)
  const columns = format === 'custom-columns-file' ? await readSpecFile(spec, cwd) : parseSpec(spec)
  const widths: number[] = []
  const header = flags.bool('no-headers') ? '' : `${columns.map((column) => column.header).join('\t')}\n`
  const line = (object: unknown) =>
    `${columns.map((column) => visible(cell(object, column)).replaceAll('\t', ' ')).join('\t')}\n`
  return {
    format,
    print(object: PrintedObject, first: boolean): string {
      const objects = Array.isArray(object.items) ? object.items : [object]
      const text = objects.map(line).join('')
      return formatTabs(first ? header + text : text, tableLayout, widths)
    },
  }
}
