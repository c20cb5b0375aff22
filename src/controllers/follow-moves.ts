import { type TagEventRecord, type TagState, tagEvents, tagWebhooks } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import type { ToldMove, ToldPlace } from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'

/** How far the moves of tags have been heard of. */
export interface MoveCursor {
  resourceVersion: string
  /** Of the last move, RFC 3339: for when the log no longer reaches back to the revision. */
  time: string
}

export type HeardMove =
  | { kind: 'move'; move: ToldMove; cursor: MoveCursor }
  | { kind: 'progress'; cursor: MoveCursor }

/**
 * Every move of every tag after the cursor, in order, some of them twice; without a cursor those from now on. Read from the records
 * that are written with each move.
 */
export async function* followMoves(
  client: Client,
  cursor: MoveCursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<HeardMove> {
  let reached: MoveCursor = cursor ?? (await presentCursor(client))
  if (cursor === undefined) yield { kind: 'progress', cursor: reached }
  for (;;) {
    try {
      const { resourceVersion }: MoveCursor = reached
      for await (const event of client.watch(tagEvents, '', {
        resourceVersion,
        signal,
        allowWatchBookmarks: true,
      })) {
        if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended')
        const { object } = event
        const time: string = event.type === 'BOOKMARK' ? reached.time : object.time
        reached = { resourceVersion: object.metadata.resourceVersion ?? '', time }
        if (event.type === 'ADDED') yield { kind: 'move', move: toMove(object), cursor: reached }
        else yield { kind: 'progress', cursor: reached }
      }
      return
    } catch (error) {
      if (signal.aborted || !isApiError(error, 'Expired')) throw error
      for await (const heard of readMissed(client, reached.time)) {
        reached = heard.cursor
        yield heard
      }
    }
  }
}

/** The place of what moves from now on. */
export async function presentCursor(client: Client): Promise<MoveCursor> {
  const { metadata } = await client.list(tagEvents, '', { limit: 1 })
  return { resourceVersion: metadata.resourceVersion ?? '', time: '' }
}

/** The log was cut off behind the cursor: the records themselves are still there, and need be read only where somebody listens. */
async function* readMissed(client: Client, since: string): AsyncGenerator<HeardMove> {
  const { items, metadata } = await client.list(tagWebhooks, '')
  const resourceVersion = metadata.resourceVersion ?? ''
  const missed: TagEventRecord[] = []
  for (const namespace of new Set(items.map((hook) => hook.metadata.namespace ?? ''))) {
    for (let next = ''; ; ) {
      const page = await client.list(tagEvents, namespace, {
        limit: 500,
        ...(next === '' ? {} : { continue: next }),
      })
      missed.push(...page.items.filter(({ time }) => time >= since))
      next = page.metadata.continue ?? ''
      if (next === '') break
    }
  }
  missed.sort((a, b) => (a.time < b.time ? -1 : 1))
  for (const record of missed)
    yield { kind: 'move', move: toMove(record), cursor: { resourceVersion, time: record.time } }
  yield { kind: 'progress', cursor: { resourceVersion, time: missed.at(-1)?.time ?? since } }
}

function toMove(record: TagEventRecord): ToldMove {
  const { metadata, stream, tag, time, cause, subject, message, before, after } = record
  return {
    id: metadata.uid || `${metadata.namespace}/${metadata.name}`,
    namespace: metadata.namespace ?? '',
    stream,
    tag,
    time,
    cause,
    subject,
    ...(message === undefined ? {} : { message }),
    ...(before === undefined ? {} : { before: toPlace(before) }),
    ...(after === undefined ? {} : { after: toPlace(after) }),
  }
}

function toPlace({ image, dockerImageReference }: TagState): ToldPlace {
  return { image, dockerImageReference }
}
