import { isApiError } from '../../machinery/errors.ts'
import { apiVersionOf } from '../../machinery/kind.ts'
import type { Command, CommandContext } from '../command.ts'
import { type EventRow, eventRow, itemRows } from '../describe/event-rows.ts'
import { CliError } from '../errors.ts'
import { visible } from '../io.ts'
import { createPrinter, printFlags } from '../print/printer.ts'
import { formatTabs, tableLayout } from '../print/tab-writer.ts'
import { eventResource, parseTagArgument, readEvents, type TagName } from '../resources/history-api.ts'
import { imageStreams, typedAccept } from '../resources/image-api.ts'
import type { StreamObject } from '../resources/image-types.ts'
import { readObject } from '../resources/probe.ts'

/** `history`, which OpenShift's client lacks: what a tag was, since when, why, and by whom. */
export const historyCommand: Command = {
  usage: 'STREAM[:TAG] [flags]',
  long: `Show the moves of a tag, or of all tags of a stream, newest first.

Each line says when the tag moved, why (push, import, schedule, tag, rollback, policy or api), by whom, to which image, from where, and how that image differs from the one before. The digests are long enough for rollback-tag --to. Lines without a cause are from before moves were recorded.`,
  examples: `# What was the tag, and why?
$0 history app:v1

# The last five moves of any tag of the stream
$0 history app --limit 5

# Everything that is known, for a program
$0 history app:v1 --limit 0 -o json`,
  flags: [
    ...printFlags,
    { name: 'limit', kind: 'int', default: 20, help: 'At most so many lines; 0 for all.' },
    { name: 'no-headers', kind: 'bool', help: 'Leave out the header.' },
  ],
  run: runHistory,
}

async function runHistory(context: CommandContext): Promise<void> {
  const { args, flags, io, session, path } = context
  const [name, ...more] = args
  if (name === undefined || more.length > 0) throw new CliError(`name one stream or tag, e.g. ${path} app:v1`)
  const limit = flags.int('limit')
  if (limit < 0) throw new CliError(`--limit must not be negative: ${limit}`)
  const printer = await createPrinter(flags, { cwd: io.cwd, extra: ['wide'] })
  const wanted = parseTagArgument(name)
  const rest = await session.rest()
  const namespace = await session.namespace()
  const records = await readEvents(rest, namespace, wanted, limit)
  if (printer !== undefined) {
    const items = records.map((record) => ({
      apiVersion: apiVersionOf(eventResource),
      kind: eventResource.kind,
      ...record,
    }))
    const list = { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items }
    io.stdout.write(printer.print(list, true))
    return
  }
  const wide = flags.string('output') === 'wide'
  const rows = records.map((record) => eventRow(record, wide))
  if (limit === 0 || rows.length < limit) rows.push(...(await olderRows(context, wanted, records, wide)))
  rows.sort((a, b) => (a.time === b.time ? 0 : a.time < b.time ? 1 : -1))
  const shown = limit === 0 ? rows : rows.slice(0, limit)
  if (shown.length === 0) throw new CliError(`${name} has no history`)
  io.stdout.write(table(shown, wanted.tag === undefined, flags.bool('no-headers')))
}

/** A stream that is gone still has its records. */
async function olderRows(
  { session }: CommandContext,
  { stream, tag }: TagName,
  records: Awaited<ReturnType<typeof readEvents>>,
  wide: boolean,
): Promise<EventRow[]> {
  try {
    const rest = await session.rest()
    const accept = { accept: typedAccept }
    const found = await readObject<StreamObject>(
      rest,
      imageStreams,
      await session.namespace(),
      stream,
      accept,
    )
    return itemRows(found, tag, records, wide)
  } catch (error) {
    if (records.length > 0 && isApiError(error) && error.code === 404) return []
    throw error
  }
}

function table(rows: readonly EventRow[], withTag: boolean, noHeaders: boolean): string {
  const lines = [
    ...(noHeaders
      ? []
      : [{ time: 'WHEN', tag: 'TAG', cause: 'CAUSE', by: 'BY', image: 'IMAGE', from: 'FROM', what: 'WHAT' }]),
    ...rows,
  ].map(({ time, tag, cause, by, image, from, what }) =>
    [time, ...(withTag ? [tag] : []), cause, by, image, from, what].join('\t'),
  )
  return formatTabs(visible(lines.map((line) => `${line}\n`).join('')), tableLayout).replace(/ +$/gm, '')
}
