import { type Query, resourcePath, watchEvents } from '../../client/index.ts'
import { ApiError, type Status } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { CliError } from '../errors.ts'
import type { ObjectPrinter, PrintedObject } from '../print/printer.ts'
import { formatTable, type Table, tableText } from '../print/table.ts'
import type { GetRequest } from './get.ts'
import { typedItems } from './get-objects.ts'
import { printTables, tableMediaTypes, tableOptions, toTable } from './get-tables.ts'

/** `get -w`: a list, then what changes (cli.md §4, §20.3). */

interface Answer {
  kind?: string
  metadata?: { resourceVersion?: string }
  items?: KubeObject[]
  rows?: { object?: { metadata?: { resourceVersion?: string } } | null }[] | null
}

function revisionOf(answer: Answer): string | undefined {
  return answer.metadata?.resourceVersion || answer.rows?.[0]?.object?.metadata?.resourceVersion
}

function toError(status: Status): ApiError {
  return new ApiError(status.code ?? 500, (status.reason ?? '') as ApiError['reason'], status.message ?? '')
}

export async function watchTables(request: GetRequest, printer: ObjectPrinter | undefined): Promise<void> {
  const { context, selection, namespace } = request
  const { flags, io, session } = context
  const [wanted] = selection.wanted
  if (wanted === undefined) return
  if (selection.severalTypes) throw new CliError('you may only specify a single resource type')
  if (selection.wanted.length > 1) return refuseSeveral(request, printer)
  const { resource, name } = wanted
  const rest = await session.rest()
  const accept = printer === undefined && flags.bool('server-print') ? tableMediaTypes : 'application/json'
  const field = flags.string('field-selector')
  const query: Query = {
    fieldSelector: name === undefined ? field || undefined : `metadata.name=${name}`,
    labelSelector: flags.string('selector') || undefined,
  }
  const show = createShow(request, printer)

  const path =
    name === undefined ? resourcePath(resource, namespace) : resourcePath(resource, namespace, name)
  const first = await rest.json<Answer>({
    method: 'GET',
    path,
    query: name === undefined ? { ...query, limit: flags.int('chunk-size') || undefined } : {},
    accept,
  })
  if (!flags.bool('watch-only')) show('ADDED', first)

  const events = watchEvents<KubeObject>(
    rest,
    resourcePath(resource, namespace),
    { ...query, resourceVersion: revisionOf(first) },
    { accept, signal: io.signal },
  )
  for await (const event of events) {
    if (event.type === 'ERROR') throw toError(event.object)
    if (event.type !== 'BOOKMARK') show(event.type, event.object as Answer)
  }
}

/** Several names are shown before they are refused. */
async function refuseSeveral(request: GetRequest, printer: ObjectPrinter | undefined): Promise<void> {
  if (printer === undefined) await printTables(request)
  throw new CliError('you may only watch a single resource or type of resource at a time')
}

/** Prints answers and events alike; the header comes once, the widths of the columns carry over. */
function createShow(
  request: GetRequest,
  printer: ObjectPrinter | undefined,
): (type: string, answer: Answer) => void {
  const { io, flags } = request.context
  const options = tableOptions(request, request.selection.wanted[0]?.resource as never)
  const withEvent = flags.bool('output-watch-events')
  const widths: number[] = []
  let definitions: Table['columnDefinitions'] = null
  let headerDue = true
  let firstObject = true
  return (type, answer) => {
    if (printer !== undefined) {
      const objects = answer.items === undefined ? [answer as KubeObject] : typedItems(answer)
      for (const object of objects) {
        const shown = withEvent ? { type, object } : object
        io.stdout.write(printer.print(shown as PrintedObject, firstObject))
        firstObject = false
      }
      return
    }
    const table = toTable(answer as Table, io.now())
    definitions = table.columnDefinitions?.length ? table.columnDefinitions : definitions
    if ((table.rows ?? []).length === 0) return
    const text = tableText({ ...table, columnDefinitions: definitions ?? null }, options, headerDue)
    io.stdout.write(
      formatTable(withEvent ? prefixed(text, type, headerDue && !options.noHeaders) : text, widths),
    )
    headerDue = false
  }
}

/** Of `MODIFIED`: the kinds of events make a column of one width. */
const widestEvent = 8

function prefixed(text: string, type: string, withHeader: boolean): string {
  return text
    .replace(/^/gm, `${type.padEnd(widestEvent)}\t`)
    .replace(/^\S+ *\t$/m, '')
    .replace(withHeader ? /^\S+ *\t/ : /$^/, `${'EVENT'.padEnd(widestEvent)}\t`)
}
