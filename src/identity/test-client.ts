import { randomUUID } from 'node:crypto'
import type { Client, WatchEvent } from '../client/client.ts'
import { alreadyExists, conflict, invalid, notFound } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { formatTime } from '../machinery/object.ts'

/** For tests: as much of the API as identity uses, over a map. It checks names, objects and revisions as the real one does. */
export interface TestClient extends Client {
  /** Everything that is stored, as text: to look for what must not be there. */
  dump(): string
}

type Resource = Pick<Kind, 'group' | 'plural'>

const resourceOf = ({ group, plural }: Resource) => ({ group, resource: plural })
const pathOf = ({ group, plural }: Resource) => `${group}/${plural}`

class TestObjects {
  readonly objects = new Map<string, KubeObject>()
  readonly listeners = new Map<string, Set<(event: WatchEvent) => void>>()
  revision = 0

  find<T extends KubeObject>(kind: Resource, namespace: string, name: string): T {
    const object = this.objects.get(`${pathOf(kind)}/${namespace}/${name}`)
    if (object === undefined) throw notFound(resourceOf(kind), name)
    return structuredClone(object) as T
  }

  list<T extends KubeObject>(kind: Resource, namespace: string): T[] {
    const prefix = `${pathOf(kind)}/${namespace === '' ? '' : `${namespace}/`}`
    const found = [...this.objects].filter(([key]) => key.startsWith(prefix))
    return found.map(([, object]) => structuredClone(object) as T)
  }

  put<T extends KubeObject>(kind: Resource, object: T, type: 'ADDED' | 'MODIFIED'): T {
    const saved = structuredClone(object)
    saved.metadata.resourceVersion = String(++this.revision)
    const { namespace = '', name = '' } = saved.metadata
    this.objects.set(`${pathOf(kind)}/${namespace}/${name}`, saved)
    this.tell(kind, { type, object: structuredClone(saved) })
    return structuredClone(saved)
  }

  remove(kind: Resource, object: KubeObject): void {
    const { namespace = '', name = '' } = object.metadata
    this.objects.delete(`${pathOf(kind)}/${namespace}/${name}`)
    this.revision++
    this.tell(kind, { type: 'DELETED', object })
  }

  tell(kind: Resource, event: WatchEvent): void {
    for (const listener of this.listeners.get(pathOf(kind)) ?? []) listener(event)
  }

  async *watch(kind: Resource, signal: AbortSignal | undefined): AsyncGenerator<WatchEvent> {
    const queue: WatchEvent[] = []
    let wake = () => {}
    const listener = (event: WatchEvent) => {
      queue.push(event)
      wake()
    }
    const listeners = this.listeners.get(pathOf(kind)) ?? new Set()
    this.listeners.set(pathOf(kind), listeners.add(listener))
    signal?.addEventListener('abort', () => wake())
    const isOver = () => signal?.aborted ?? false
    try {
      while (!isOver()) {
        yield* queue.splice(0)
        if (queue.length > 0 || isOver()) continue
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      listeners.delete(listener)
    }
  }
}

function check<T extends KubeObject>(kind: Kind<T>, object: T): void {
  const { name = '' } = object.metadata
  const problems = kind.hooks.validateName?.(name, false) ?? []
  const errors = [
    ...problems.map(
      (detail) => ({ type: 'Invalid value', field: 'metadata.name', value: name, detail }) as const,
    ),
    ...(kind.hooks.validateCreate?.(object) ?? []),
  ]
  if (errors.length > 0) throw invalid({ group: kind.group, kind: kind.kind }, name, errors)
}

const unused = () => {
  throw new Error('identity does not use this')
}

export function createTestClient(now: () => Date = () => new Date()): TestClient {
  const stored = new TestObjects()
  return {
    dump: () => JSON.stringify([...stored.objects.values()]),
    get: async (kind, namespace, name) => stored.find(kind, namespace, name),
    list: async (kind, namespace) => ({
      metadata: { resourceVersion: String(stored.revision) },
      items: stored.list(kind, namespace),
    }),
    watch: (kind, _namespace, options = {}) => stored.watch(kind, options.signal) as AsyncIterable<never>,
    async create(kind, namespace, object) {
      check(kind, object)
      const { name = '' } = object.metadata
      if (stored.list(kind, namespace).some(({ metadata }) => metadata.name === name)) {
        throw alreadyExists(resourceOf(kind), name)
      }
      const given = { uid: randomUUID(), creationTimestamp: formatTime(now()) }
      const place = namespace === '' ? {} : { namespace }
      return stored.put(kind, { ...object, metadata: { ...object.metadata, ...place, ...given } }, 'ADDED')
    },
    async update(kind, namespace, object) {
      const { name = '', resourceVersion } = object.metadata
      const old = stored.find(kind, namespace, name)
      if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
        throw conflict(resourceOf(kind), name)
      }
      return stored.put(kind, object, 'MODIFIED')
    },
    async delete(kind, namespace, name, options = {}) {
      const object = stored.find(kind, namespace, name)
      const { uid } = options.preconditions ?? {}
      if (uid !== undefined && uid !== object.metadata.uid) throw conflict(resourceOf(kind), name)
      stored.remove(kind, object)
      return object
    },
    patch: unused,
    deleteCollection: unused,
  }
}
