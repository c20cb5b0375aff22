import { createInterface } from 'node:readline'
import type { ApiClient } from './http-client.ts'

export interface SeenObject {
  metadata: { name: string; namespace: string; resourceVersion: string }
}

export type View = ReadonlyMap<string, SeenObject>

/** What a client of list and watch believes that there is, as informers do it. */
export interface FollowedView extends AsyncDisposable {
  view: View
  /** How often it had to list anew. */
  lists(): number
  /** Answers that were no list and no event. */
  problems: readonly string[]
}

const bare = ({ kind: _kind, apiVersion: _version, ...object }: SeenObject & Record<string, unknown>) =>
  object as SeenObject
const keyOf = ({ metadata }: SeenObject): string => `${metadata.namespace}/${metadata.name}`

export async function readList(client: ApiClient, path: string): Promise<{ view: View; revision: string }> {
  const { status, text } = await client.send('GET', path)
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`)
  const { metadata, items } = JSON.parse(text) as {
    metadata: { resourceVersion: string }
    items: SeenObject[]
  }
  return { view: new Map(items.map((item) => [keyOf(item), item])), revision: metadata.resourceVersion }
}

/** `pause`: milliseconds that it takes its time after each event. */
export function followView(client: ApiClient, path: string, query: string, pause = 0): FollowedView {
  const view = new Map<string, SeenObject>()
  const problems: string[] = []
  const stopping = new AbortController()
  let lists = 0

  async function watch(revision: string): Promise<string | undefined> {
    const options = `watch=1&allowWatchBookmarks=true&resourceVersion=${revision}`
    const response = await client.open(`${path}?${query}&${options}`, stopping.signal)
    let reached = revision
    for await (const line of createInterface({ input: response })) {
      const { type, object } = JSON.parse(line)
      if (type === 'ERROR') {
        if (object.code !== 410) problems.push(line)
        return undefined
      }
      reached = object.metadata.resourceVersion
      if (type === 'DELETED') view.delete(keyOf(object))
      else if (type !== 'BOOKMARK') view.set(keyOf(object), bare(object))
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    }
    return reached
  }

  async function follow(): Promise<void> {
    let revision: string | undefined
    while (!stopping.signal.aborted) {
      try {
        if (revision === undefined) {
          lists++
          const fresh = await readList(client, `${path}?${query}`)
          view.clear()
          for (const [key, object] of fresh.view) view.set(key, object)
          revision = fresh.revision
        }
        revision = await watch(revision)
      } catch (error) {
        if (!stopping.signal.aborted) problems.push(String(error))
        revision = undefined
      }
    }
  }
  const following = follow()

  return {
    view,
    lists: () => lists,
    problems,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await following
    },
  }
}
