import type { FastifyRequest } from 'fastify'
import { parseIncludeObject, toPartialObject, toTable } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject, ListMeta } from '../machinery/object.ts'
import type { ListRequest, ReadyForms } from '../resources/endpoint.ts'
import type { JoinedPage, JoinedPages } from '../resources/list-joined.ts'
import type { Shown } from '../resources/shown.ts'
import { type RepresentOptions, representList } from './represent.ts'
import { isPretty } from './respond.ts'

/** A list in JSON as three parts, so that its items can be written as they come. */
export interface ListForm {
  /** All that stands before the items. */
  head(metadata: ListMeta): string
  /** The items, each after a separator. */
  read(ready: ReadyForms, request: ListRequest): Promise<JoinedPages>
  separator: string
  tail: string
}

/** The same text as of `representList`, whatever was negotiated: the list itself, a Table, or metadata only. */
export function listForm(kind: Kind, request: FastifyRequest, options: RepresentOptions): ListForm {
  const pretty = isPretty(request)
  const space = pretty ? 2 : undefined
  const itemOf = itemWriter(kind, options)
  const write = (object: object) => {
    const text = JSON.stringify(object, undefined, space)
    return pretty ? text.replaceAll('\n', '\n    ') : text
  }
  // Items are what the last array of an empty list has room for.
  const frame = (metadata: ListMeta) => {
    const empty = representList(kind, { metadata, items: [] }, options)
    return JSON.stringify(empty, undefined, space)
  }
  const separator = pretty ? ',\n    ' : ','
  const end = pretty ? '\n}' : '}'
  return {
    head: (metadata) => frame(metadata).slice(0, -`]${end}`.length) + (pretty ? '\n    ' : ''),
    async read(ready, asked) {
      if (itemOf === undefined && !pretty) return ready.joined(asked)
      const { metadata, pages } = await ready.pages(asked)
      const written = ({ object }: Shown) => write(itemOf === undefined ? object : itemOf(object))
      return {
        metadata,
        pages: joined(pages, (page) => page.map((item) => separator + written(item)).join('')),
      }
    },
    separator,
    tail: pretty ? `\n  ]${end}` : `]${end}\n`,
  }
}

async function* joined(
  pages: AsyncIterable<readonly Shown[]>,
  textOf: (page: readonly Shown[]) => string,
): AsyncGenerator<JoinedPage> {
  for await (const page of pages) {
    if (page.length > 0) yield { json: Buffer.from(textOf(page)), isOwn: false }
  }
}

/** undefined: items are the objects as they are. */
function itemWriter(kind: Kind, { wanted, includeObject, now }: RepresentOptions) {
  const apiVersion = `${wanted.group}/${wanted.version}`
  if (wanted.as === 'PartialObjectMetadataList') {
    return (object: KubeObject): object => toPartialObject(object, apiVersion)
  }
  if (wanted.as !== 'Table') return undefined
  const form = {
    listMeta: {},
    includeObject: parseIncludeObject(includeObject ?? undefined),
    now,
    columns: false,
    apiVersion,
  }
  return (object: KubeObject): object => toTable(kind, [object], form).rows[0] as object
}
