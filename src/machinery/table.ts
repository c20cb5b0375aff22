import { badRequest, formatFieldError } from './errors.ts'
import type { Column, Kind } from './kind.ts'
import { apiVersionOf } from './kind.ts'
import type { KubeObject, ListMeta } from './object.ts'
import { metaVersion, type PartialObjectMetadata, toPartialObject } from './partial-object.ts'

export interface TableColumn {
  name: string
  type: string
  format: string
  description: string
  priority: number
}

export interface TableRow {
  cells: unknown[]
  object: PartialObjectMetadata | KubeObject | null
}

/** `meta.k8s.io/v1` Table (image-api.md §15). */
export interface Table {
  kind: 'Table'
  apiVersion: string
  metadata: ListMeta
  columnDefinitions: TableColumn[] | null
  rows: TableRow[]
}

export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface TableOptions {
  /** Metadata of the list; for one object, `{resourceVersion}`. */
  listMeta: ListMeta
  includeObject: IncludeObject
  now: Date
  /** false prints `columnDefinitions: null`: every event of a watch after the first. */
  columns: boolean
  /** Default `meta.k8s.io/v1`. */
  apiVersion?: string
}

const nameDescription =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names'

const createdDescription =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata'

/** The first column of every kind. */
export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: nameDescription,
  value: ({ metadata }) => metadata.name ?? '',
}

const createdColumn: Column<KubeObject> = {
  name: 'Created At',
  type: 'date',
  description: createdDescription,
  value: ({ metadata }) => metadata.creationTimestamp ?? '0001-01-01T00:00:00Z',
}

/** What a kind without columns of its own shows. */
export const defaultColumns: readonly Column<KubeObject>[] = [nameColumn, createdColumn]

/** Parses the query parameter; BadRequest for an unknown one. */
export function parseIncludeObject(text: string | undefined): IncludeObject {
  if (text === undefined || text === '') return 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  const error = formatFieldError({
    type: 'Invalid value',
    field: 'includeObject',
    value: text,
    detail: "must be 'Metadata', 'Object', 'None', or empty",
  })
  throw badRequest(`Unable to convert to Table as requested: ${error}`)
}

/** One row an object, in their order. */
export function toTable<T extends KubeObject>(
  kind: Pick<Kind<T>, 'group' | 'version' | 'kind' | 'columns'>,
  objects: readonly T[],
  options: TableOptions,
): Table {
  const columns: readonly Column<T>[] = kind.columns.length === 0 ? defaultColumns : kind.columns
  const apiVersion = options.apiVersion ?? metaVersion
  return {
    kind: 'Table',
    apiVersion,
    metadata: options.listMeta,
    columnDefinitions: options.columns ? columns.map(toColumnDefinition) : null,
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.value(object, options.now) ?? null),
      object: rowObject(kind, object, options.includeObject, apiVersion),
    })),
  }
}

function toColumnDefinition<T>({ name, type, format, description, priority }: Column<T>): TableColumn {
  return { name, type, format: format ?? '', description, priority: priority ?? 0 }
}

function rowObject(
  kind: { group: string; version: string; kind: string },
  object: KubeObject,
  include: IncludeObject,
  apiVersion: string,
): TableRow['object'] {
  if (include === 'None') return null
  if (include === 'Metadata') return toPartialObject(object, apiVersion)
  return { ...object, kind: kind.kind, apiVersion: apiVersionOf(kind) }
}
