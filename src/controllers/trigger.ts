import { imageStreams } from '../api/image/index.ts'
import type { Client } from '../client/client.ts'
import { decorateStream, type RegistryHosts, triggerFailed } from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { listThenWatch } from './list-then-watch.ts'
import { type Controller, type KeySource, type ObjectKey, settled } from './reconcile.ts'
import type { EventRecorder } from './trigger-events.ts'
import type { Handled, TriggerHandler } from './trigger-handler.ts'
import { createTriggerIndex } from './trigger-index.ts'
import { changesSince, currentRevision, keyOf, splitKey } from './watch-source.ts'

export interface TriggerDeps {
  client: Client
  hosts: RegistryHosts
  handlers: readonly TriggerHandler[]
  events: EventRecorder
  /** The object is gone: what was kept about it may go too. */
  forget(kind: Kind, namespace: string, name: string): Promise<void>
}

/** How often a lost race is run again at once, before others get their turn. */
const attempts = 5

/**
 * A tag moves, and what follows it is brought up to date (triggers.md §4). Keys are `<plural>.<group>/<namespace>/<name>`.
 * Which objects follow a tag is kept by watch; what they should be is read afresh each time.
 */
export function createTriggerController({
  client,
  hosts,
  handlers,
  events,
  forget,
}: TriggerDeps): Controller {
  const index = createTriggerIndex()
  const byPrefix = new Map(handlers.map((handler) => [prefixOf(handler.kind), handler]))

  const objectsOf = (handler: TriggerHandler): KeySource =>
    async function* (signal) {
      for await (const event of listThenWatch(client, handler.kind, signal)) {
        if (event.type === 'SYNCED') continue
        const { object, isInitial } = event
        const key = `${prefixOf(handler.kind)}/${keyOf(object)}`
        if (event.type === 'DELETED' || !handler.hasTriggers(object)) {
          if (index.drop(key)) yield key
          continue
        }
        const news = index.put(key, handler.followings(object), handler.mark(object))
        if (news === 'same') continue
        if (!isInitial) yield key
        else if (!(await isUpToDate(key))) yield { key, canWait: true }
      }
    }

  /** Of what is there at the start most is as it should be: a comparison in memory tells, by one read for each tag. */
  const isUpToDate = async (key: ObjectKey): Promise<boolean> => {
    for (const source of index.unknownSources(key)) {
      const stream = await client.get(imageStreams, source.namespace, source.stream).catch(absent)
      index.learn(source, stream && decorateStream(stream, hosts))
    }
    return index.isCurrent(key)
  }

  const streams: KeySource = async function* (signal) {
    const place = await currentRevision(client, imageStreams)
    // What the tags of followers that are known already did before that place was perhaps not told.
    for (const key of index.keys()) yield { key, canWait: true }
    for await (const { type, object } of changesSince(client, imageStreams, place, signal)) {
      const stream = decorateStream(object, hosts)
      yield* type === 'DELETED' ? index.gone(stream) : index.moved(stream)
    }
  }

  /** Our own write is no news when the watch tells of it. */
  const note = (key: ObjectKey, handler: TriggerHandler, object: KubeObject) =>
    index.put(key, handler.followings(object), handler.mark(object))

  /** undefined: the object is gone, or has no triggers any more. */
  const handle = async (handler: TriggerHandler, namespace: string, name: string) => {
    const key = `${prefixOf(handler.kind)}/${namespace}/${name}`
    for (let attempt = 1; ; attempt++) {
      const view = index.view(key)
      const object = await client.get(handler.kind, namespace, name).catch(absent)
      if (object === undefined) {
        index.drop(key)
        await forget(handler.kind, namespace, name)
        return undefined
      }
      if (!handler.hasTriggers(object)) {
        await events.complain(handler.kind, object, [])
        return undefined
      }
      try {
        const handled = await handler.handle(object)
        await events.complain(handler.kind, object, handled.complaints)
        if (handled.written === undefined) return handled
        note(key, handler, handled.written)
        // A move that was heard of meanwhile may have found the object to have the image that we have just replaced.
        if (index.view(key) === view) return handled
        if (attempt >= attempts) return { ...handled, again: handled.again ?? 1 }
      } catch (error) {
        if (isApiError(error, 'Conflict') && attempt < attempts) continue
        if (isApiError(error)) {
          const message = `the image could not be set: ${error.message}`
          await events.complain(handler.kind, object, [{ reason: triggerFailed, message }])
        }
        throw error
      }
    }
  }

  return {
    name: 'trigger',
    concurrency: 8,
    maxBackoff: 30_000,
    sources: [...handlers.map(objectsOf), streams],
    async reconcile(key) {
      const [prefix, rest] = splitKey(key)
      const handler = byPrefix.get(prefix)
      if (handler === undefined) return settled
      const handled: Handled | undefined = await handle(handler, ...splitKey(rest))
      if (handled?.again === undefined) return settled
      return { kind: 'again', after: handled.again, why: 'a right may be given' }
    },
  }
}

function prefixOf({ group, plural }: Kind): ObjectKey {
  return group === '' ? plural : `${plural}.${group}`
}

function absent(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}
