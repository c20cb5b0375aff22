import { LRUCache } from 'lru-cache'
import { apiVersionOf, type Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Entry, Key, StoreEvent } from '../store/store.ts'

/**
 * Between objects and the bytes of the store. What is stored is the canonical form without `kind`, `apiVersion` and
 * `metadata.resourceVersion`: the revision is the store's to give.
 */

const decoder = new TextDecoder()
const encoder = new TextEncoder()

export function encodeObject(object: KubeObject): Uint8Array {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object
  const { resourceVersion: _revision, ...meta } = metadata
  return encoder.encode(JSON.stringify({ metadata: meta, ...rest }))
}

/** What decoding its bytes gives; undefined for what JSON would not give back as it is, such as a field that is undefined. */
function asDecoded(
  { kind: _kind, apiVersion: _apiVersion, ...object }: KubeObject,
  revision: number,
  known: KubeObject | undefined,
): KubeObject | undefined {
  const decoded = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
  return isPlain(decoded, known) ? decoded : undefined
}

/** `known`: what stood here before and is plain; what a write left as it was need not be looked through. */
function isPlain(value: unknown, known: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      if (value === null || value === known) return true
      return Array.isArray(value) ? isPlainList(value, known) : isPlainObject(value, known)
    default:
      return false
  }
}

function isPlainList(list: readonly unknown[], known: unknown): boolean {
  const before: readonly unknown[] = Array.isArray(known) ? known : []
  // What most writes add to a list is one entry: those behind it have moved up.
  for (let at = 0, moved = 0; at < list.length; at++) {
    if (list[at] !== before[at - moved] && list[at] === before[at - 1]) moved = 1
    if (!isPlain(list[at], before[at - moved])) return false
  }
  return true
}

function isPlainObject(object: object, known: unknown): boolean {
  if (Object.getPrototypeOf(object) !== Object.prototype) return false
  const before = (typeof known === 'object' ? known : null) as Record<string, unknown> | null
  for (const [field, value] of Object.entries(object)) if (!isPlain(value, before?.[field])) return false
  return true
}

export function decodeObject(value: Uint8Array, revision: number): KubeObject {
  const object = JSON.parse(decoder.decode(value)) as KubeObject
  object.metadata.resourceVersion = String(revision)
  return object
}

/** The same object as an answer of its own: with `kind` and `apiVersion`, which items of lists don't have. */
export function withTypeMeta<T extends KubeObject>(
  kind: Pick<Kind, 'group' | 'version' | 'kind'>,
  object: T,
): T {
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...object }
}

export interface ObjectCache {
  /** Decoded once per revision; shared, so never to be changed by who gets it. */
  decode(entry: Entry): KubeObject
  decodeEvent(event: StoreEvent): KubeObject
  decodePrevious(event: StoreEvent): KubeObject | undefined
  /** These bytes, which are about to be stored, are those of this object: then they need not be decoded. */
  expect(key: Key, value: Uint8Array, object: KubeObject): void
}

/** Makes something of an event once for all who ask soon; `bytes` bounds the values of the events that are remembered. */
export function createEventCache<T extends object>(bytes: number): (event: StoreEvent, make: () => T) => T {
  const known = new LRUCache<StoreEvent, T>({
    maxSize: bytes,
    sizeCalculation: (_made, { value, previous }) => value.length + (previous?.length ?? 0) + 1,
  })
  return (event, make) => {
    const before = known.get(event)
    if (before !== undefined) return before
    const made = make()
    known.set(event, made)
    return made
  }
}

export interface ObjectCacheOptions {
  /** Bytes of the values that are kept decoded; the objects take some three times as many. */
  bytes?: number
  /** The same for events: those that are likely to be on their way to watchers. */
  eventBytes?: number
}

export function createObjectCache({
  bytes = 4 << 20,
  eventBytes = 1 << 20,
}: ObjectCacheOptions = {}): ObjectCache {
  const byKey = new LRUCache<Key, { revision: number; object: KubeObject; size: number }>({
    maxSize: bytes,
    sizeCalculation: ({ size }) => size,
  })
  const ofEvents = createEventCache<KubeObject>(eventBytes)
  const beforeEvents = createEventCache<KubeObject>(eventBytes)

  // Of the writes under way, so few; what nobody reads, or is not stored after all, goes by and by.
  const expected = new LRUCache<Key, { value: Uint8Array; object: KubeObject }>({
    maxSize: eventBytes,
    sizeCalculation: ({ value }) => value.length + 1,
  })

  const takeExpected = (key: Key, revision: number, value: Uint8Array, before: KubeObject | undefined) => {
    const found = expected.peek(key)
    if (found === undefined || Buffer.compare(found.value, value) !== 0) return undefined
    expected.delete(key)
    return asDecoded(found.object, revision, before)
  }

  const remember = (key: Key, revision: number, value: Uint8Array) => {
    const known = byKey.get(key)
    if (known?.revision === revision) return known.object
    const object = takeExpected(key, revision, value, known?.object) ?? decodeObject(value, revision)
    if (known === undefined || known.revision < revision) {
      byKey.set(key, { revision, object, size: value.length + 100 })
    }
    return object
  }

  return {
    decode: (entry) => remember(entry.key, entry.revision, entry.value),
    decodeEvent: (event) =>
      ofEvents(event, () =>
        event.type === 'put'
          ? remember(event.key, event.revision, event.value)
          : decodeObject(event.value, event.revision),
      ),
    decodePrevious(event) {
      const { previous, revision } = event
      if (previous === undefined) return undefined
      return beforeEvents(event, () => decodeObject(previous, revision))
    },
    expect(key, value, object) {
      expected.set(key, { value, object })
    },
  }
}
