import type { ObjectMeta } from '../../machinery/object.ts'
import { visible } from '../io.ts'
import { columnAge } from './age.ts'
import { formatTabs, tableLayout } from './tab-writer.ts'

/** Tables as `get` prints them (cli.md §4): the server's columns, or name and age. */

export interface ColumnDefinition {
  name: string
  type: string
  format?: string
  priority?: number
}

export interface TableRow {
  cells: unknown[]
  object?: { metadata?: ObjectMeta; kind?: string; apiVersion?: string } | null
}

export interface Table {
  kind: 'Table'
  apiVersion: string
  metadata?: { resourceVersion?: string; continue?: string }
  columnDefinitions?: ColumnDefinition[] | null
  rows?: TableRow[] | null
}

export interface TableOptions {
  wide: boolean
  noHeaders: boolean
  withNamespace: boolean
  showLabels: boolean
  /** Labels that become columns. */
  labelColumns: readonly string[]
  /** `imagestream.image.openshift.io/`, put before each name; '' for none. */
  namePrefix: string
}

/** A cell ends at its first line; control characters never reach the terminal. */
function formatCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  const end = text.search(/[\n\f\r\v]/)
  return visible(end === -1 ? text : `${text.slice(0, end)}...`).replaceAll('\t', ' ')
}

function formatLabels(labels: Record<string, string> | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? '<none>' : entries.map(([k, v]) => `${k}=${v}`).join(',')
}

function shownColumns(definitions: readonly ColumnDefinition[], wide: boolean): number[] {
  return definitions.flatMap((column, i) => (wide || (column.priority ?? 0) === 0 ? [i] : []))
}

function headerLine(definitions: readonly ColumnDefinition[], options: TableOptions): string {
  const names = shownColumns(definitions, options.wide).map((i) =>
    (definitions[i] as ColumnDefinition).name.toUpperCase(),
  )
  const labels = options.labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase())
  return [
    ...(options.withNamespace ? ['NAMESPACE'] : []),
    ...names,
    ...labels,
    ...(options.showLabels ? ['LABELS'] : []),
  ].join('\t')
}

function rowLine(definitions: readonly ColumnDefinition[], row: TableRow, options: TableOptions): string {
  const metadata = row.object?.metadata
  const cells = shownColumns(definitions, options.wide).map((i) => {
    const text = formatCell(row.cells[i])
    return i === 0 ? options.namePrefix + text : text
  })
  return [
    ...(options.withNamespace ? [metadata?.namespace ?? ''] : []),
    ...cells,
    ...options.labelColumns.map((label) => metadata?.labels?.[label] ?? ''),
    ...(options.showLabels ? [formatLabels(metadata?.labels)] : []),
  ]
    .map(visible)
    .join('\t')
}

/** Lines of tab-separated cells, with or without the header. */
export function tableText(table: Table, options: TableOptions, withHeader: boolean): string {
  const definitions = table.columnDefinitions ?? []
  const lines = (table.rows ?? []).map((row) => rowLine(definitions, row, options))
  if (withHeader && !options.noHeaders) lines.unshift(headerLine(definitions, options))
  return lines.map((line) => `${line}\n`).join('')
}

/** Lays out what {@link tableText} gives; widths carry over between the calls of one run. */
export function formatTable(text: string, remembered?: number[]): string {
  return formatTabs(text, tableLayout, remembered)
}

/** For a server that answers plain objects instead of a table. */
export function plainTable(
  objects: readonly { metadata: ObjectMeta; kind?: string; apiVersion?: string }[],
  now: Date,
): Table {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name' },
      { name: 'Age', type: 'string' },
    ],
    rows: objects.map((object) => ({
      cells: [object.metadata.name ?? '', plainAge(object.metadata.creationTimestamp, now)],
      object,
    })),
  }
}

function plainAge(time: string | undefined | null, now: Date): string {
  return time ? columnAge(now.getTime() - Date.parse(time)) : '<unknown>'
}
