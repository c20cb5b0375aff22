import { createHash } from 'node:crypto'
import { type TagNotice, type TagWebhook, tagNotices, tagWebhooks } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { type ToldMove, toCloudEvent, wantsMove } from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { followMoves, type MoveCursor, presentCursor } from './follow-moves.ts'
import type { KeySource } from './reconcile.ts'

/** Where a follower of moves keeps how far it got. */
export interface CursorStore {
  read(): Promise<MoveCursor | undefined>
  write(cursor: MoveCursor): Promise<void>
}

/** Notices of one webhook that are kept at most, those given up among them. */
const mostKept = 2000
/** Moves that nobody wants between two notes of how far we are. */
const unnoted = 1000

/**
 * Writes a TagNotice for each webhook that wants a move, then notes that it has: what a crash comes between is done again, under the
 * same name. While there is no webhook, moves are not even read. Yields nothing.
 */
export function fanOut(deps: { client: Client; cursors: CursorStore }): KeySource {
  // biome-ignore lint/correctness/useYield: what it does shows as TagNotices.
  return async function* (signal) {
    const { client, cursors } = deps
    if ((await cursors.read()) === undefined) await cursors.write(await presentCursor(client))
    for (;;) {
      const came = await firstHook(client, signal)
      if (signal.aborted) return
      if (came !== undefined) await cursors.write(came)
      if ((await tellHooks(deps, signal)) === 'ended') return
    }
  }
}

/** Waits until there is a webhook. Resolves to its beginning; to undefined for one that was there already. */
async function firstHook(client: Client, signal: AbortSignal): Promise<MoveCursor | undefined> {
  const { items, metadata } = await client.list(tagWebhooks, '', { limit: 1 })
  if (items.length > 0) return undefined
  const resourceVersion = metadata.resourceVersion ?? ''
  for await (const event of client.watch(tagWebhooks, '', { resourceVersion, signal })) {
    if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended')
    if (event.type === 'ADDED')
      return { resourceVersion: event.object.metadata.resourceVersion ?? '', time: '' }
  }
  return undefined
}

/** From where it got to last, until no webhook is left. */
async function tellHooks(
  { client, cursors }: { client: Client; cursors: CursorStore },
  signal: AbortSignal,
): Promise<'nobody' | 'ended'> {
  const kept = new Map<string, number>()
  let since = 0
  for await (const heard of followMoves(client, await cursors.read(), signal)) {
    let isNews = heard.kind === 'progress'
    if (heard.kind === 'move') {
      for (const webhook of await listeners(client, heard.move)) {
        await keepNotice(client, webhook, heard.move, kept)
        isNews = true
      }
    }
    since++
    if (!isNews && since < unnoted) continue
    await cursors.write(heard.cursor)
    since = 0
    if (!isNews && (await client.list(tagWebhooks, '', { limit: 1 })).items.length === 0) return 'nobody'
  }
  return 'ended'
}

async function listeners(client: Client, move: ToldMove): Promise<TagWebhook[]> {
  const { items } = await client.list(tagWebhooks, move.namespace)
  return items.filter((webhook) => wantsMove(webhook, move))
}

async function keepNotice(
  client: Client,
  webhook: TagWebhook,
  move: ToldMove,
  kept: Map<string, number>,
): Promise<void> {
  const { name = '', namespace = '', uid = '' } = webhook.metadata
  const count = kept.get(uid) ?? mostKept
  kept.set(uid, count < mostKept ? count : await makeRoom(client, webhook))
  const hash = createHash('sha256').update(`${uid}\n${move.id}`).digest('hex').slice(0, 20)
  const owner = { apiVersion: 'weir.dev/v1', kind: 'TagWebhook', name, uid }
  const notice = {
    metadata: { name: `${name.slice(0, 200)}.${hash}`, ownerReferences: [owner] },
    spec: { webhook: name, event: toCloudEvent(move) },
  } as unknown as TagNotice
  try {
    await client.create(tagNotices, namespace, notice)
    kept.set(uid, (kept.get(uid) ?? 0) + 1)
  } catch (error) {
    // It is there already, or its project is going.
    if (
      !isApiError(error, 'AlreadyExists') &&
      !isApiError(error, 'NotFound') &&
      !isApiError(error, 'Forbidden')
    )
      throw error
  }
}

/** How many notices the webhook has. Where they are too many the oldest go, those given up first. */
async function makeRoom(client: Client, { metadata }: TagWebhook): Promise<number> {
  const { name = '', namespace = '' } = metadata
  const { items } = await client.list(tagNotices, namespace, { fieldSelector: `webhook=${name}` })
  const age = (notice: TagNotice) =>
    `${notice.status.phase === 'Dead' ? 0 : 1} ${notice.metadata.creationTimestamp}`
  const oldest = items.toSorted((a, b) => (age(a) < age(b) ? -1 : 1))
  const surplus = oldest.slice(0, Math.max(0, items.length - mostKept + 1))
  for (const notice of surplus) {
    await client.delete(tagNotices, namespace, notice.metadata.name ?? '').catch((error: unknown) => {
      if (!isApiError(error, 'NotFound')) throw error
    })
  }
  return items.length - surplus.length
}
