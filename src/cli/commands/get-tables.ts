import { type ApiResource, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { CliError, throwCollected } from '../errors.ts'
import type { Parsed } from '../parse/flags.ts'
import { findPath, parseRelaxedPath } from '../print/json-path.ts'
import { formatTable, plainTable, type Table, type TableOptions, tableText } from '../print/table.ts'
import { listPages } from '../resources/list.ts'
import { explainMissing } from '../resources/probe.ts'
import type { GetRequest } from './get.ts'

const tableAccept = (version: string) => `application/json;as=Table;v=${version};g=meta.k8s.io`
export const tableMediaTypes = `${tableAccept('v1')},${tableAccept('v1beta1')},application/json`

export interface TypedTable {
  resource: ApiResource
  table: Table
}

type Answer = Table | ({ kind?: string; items?: KubeObject[] } & Partial<KubeObject>)

/** Whatever the server answers, as a table. */
export function toTable(answer: Answer, now: Date): Table {
  if (answer.kind === 'Table') return answer as Table
  const { items } = answer as { items?: KubeObject[] }
  return plainTable(items ?? [answer as KubeObject], now)
}

export function groupName(resource: ApiResource): string {
  const singular = resource.singular || resource.kind.toLowerCase()
  return resource.group === '' ? singular : `${singular}.${resource.group}`
}

export function tableOptions(request: GetRequest, resource: ApiResource): TableOptions {
  const { flags } = request.context
  const prefixed = flags.bool('show-kind') || request.selection.severalTypes
  return {
    wide: flags.string('output') === 'wide',
    noHeaders: flags.bool('no-headers'),
    withNamespace: request.allNamespaces && resource.namespaced,
    showLabels: flags.bool('show-labels'),
    labelColumns: flags.list('label-columns'),
    namePrefix: prefixed ? `${groupName(resource)}/` : '',
  }
}

/** Reads what is wanted; errors are collected, and those of missing objects dropped with --ignore-not-found. */
async function readTables(request: GetRequest, errors: unknown[]): Promise<TypedTable[]> {
  const { flags, session, io } = request.context
  const rest = await session.rest()
  const includeObject = flags.string('sort-by') === '' ? {} : { includeObject: 'Object' as const }
  const accept = flags.bool('server-print') ? tableMediaTypes : 'application/json'
  const found: TypedTable[] = []
  for (const { resource, name } of request.selection.wanted) {
    try {
      if (name === undefined) {
        const pages = listPages<Answer & { metadata?: { continue?: string } }>(
          rest,
          resource,
          request.namespace,
          {
            labelSelector: flags.string('selector'),
            fieldSelector: flags.string('field-selector'),
            limit: chunkOf(flags),
            accept,
            ...includeObject,
          },
        )
        for await (const page of pages) found.push({ resource, table: toTable(page as Answer, io.now()) })
      } else {
        const path = resourcePath(resource, request.namespace, name, flags.string('subresource'))
        const answer = await rest
          .json<Answer>({
            method: 'GET',
            path,
            query: { ...includeObject, at: flags.string('at') || undefined },
            accept,
          })
          .catch(async (error: unknown) => {
            throw await explainMissing(rest, resource, request.namespace, error, accept)
          })
        found.push({ resource, table: toTable(answer, io.now()) })
      }
    } catch (error) {
      if (!(flags.bool('ignore-not-found') && isApiError(error) && error.code === 404)) errors.push(error)
    }
  }
  return found
}

/** Tables that follow one another and are of one type become one. */
function joinTables(tables: readonly TypedTable[]): TypedTable[] {
  const joined: TypedTable[] = []
  for (const { resource, table } of tables) {
    const last = joined.at(-1)
    if (last !== undefined && last.resource === resource) {
      const columnDefinitions = last.table.columnDefinitions ?? table.columnDefinitions ?? null
      last.table = {
        ...last.table,
        columnDefinitions,
        rows: [...(last.table.rows ?? []), ...(table.rows ?? [])],
      }
    } else joined.push({ resource, table })
  }
  return joined.filter(({ table }) => (table.rows ?? []).length > 0)
}

function compareValues(a: unknown, b: unknown): number {
  if (a === undefined) return b === undefined ? 0 : -1
  if (b === undefined) return 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [String(a), String(b)]
  const numeric = /^\d+(\.\d+)?$/.test(left) && /^\d+(\.\d+)?$/.test(right)
  if (numeric) return Number(left) - Number(right)
  return left < right ? -1 : left > right ? 1 : 0
}

/** By what a path finds first, stable. */
export function sortByPath<T>(items: readonly T[], path: string, value: (item: T) => unknown): T[] {
  const steps = parseRelaxedPath(path)
  const keyed = items.map((item) => ({ item, key: findPath(value(item), steps)[0] }))
  return keyed.sort((a, b) => compareValues(a.key, b.key)).map(({ item }) => item)
}

/** A sorted list has to be whole: it isn't read in chunks. */
export function chunkOf(flags: Parsed): number {
  return flags.string('sort-by') === '' ? flags.int('chunk-size') : 0
}

function hasPath(objects: readonly unknown[], path: string): boolean {
  return objects.length === 0 || objects.some((object) => findPath(object, parseRelaxedPath(path)).length > 0)
}

/** Throws CliError when none of the objects has what they are to be sorted by. */
export function checkSortPath(objects: readonly unknown[], path: string): void {
  if (path === '' || hasPath(objects, path)) return
  const shown = path.startsWith('{') ? path : `{${path.startsWith('.') ? '' : '.'}${path}}`
  throw new CliError(`couldn't find any field with path ${JSON.stringify(shown)} in the list of objects`)
}

/** Of a table without the path nothing is shown, as the real client does. */
function sorted(typed: TypedTable, path: string): TypedTable {
  if (path === '') return typed
  const objects = (typed.table.rows ?? []).map((row) => row.object)
  if (!hasPath(objects, path)) return { ...typed, table: { ...typed.table, rows: [] } }
  return {
    ...typed,
    table: { ...typed.table, rows: sortByPath(typed.table.rows ?? [], path, (row) => row.object) },
  }
}

export function noneFound(request: GetRequest): string {
  const inNamespace =
    !request.allNamespaces && request.selection.wanted.every(({ resource }) => resource.namespaced)
  return inNamespace ? `No resources found in ${request.namespace} namespace.\n` : 'No resources found\n'
}

export async function printTables(request: GetRequest): Promise<void> {
  const { io, flags } = request.context
  const errors: unknown[] = []
  const tables = joinTables(await readTables(request, errors))
    .map((typed) => sorted(typed, flags.string('sort-by')))
    .filter(({ table }) => (table.rows ?? []).length > 0)
  const blocks = tables.map(({ resource, table }) =>
    formatTable(tableText(table, tableOptions(request, resource), true)),
  )
  io.stdout.write(blocks.join('\n'))
  throwCollected(errors)
  if (tables.length === 0 && !flags.bool('ignore-not-found')) io.stderr.write(noneFound(request))
}
