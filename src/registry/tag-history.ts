import { type TagEventRecord, type TagState, tagEvents } from '../api/index.ts'
import type { BlobStore } from '../blobs/index.ts'
import type { Client } from '../client/client.ts'
import { olderItems } from '../image/index.ts'
import { type Digest, ociIndex, parseDigest } from '../oci/index.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import type { Call } from './call.ts'
import { registryError } from './errors.ts'
import { nextLink, parsePage } from './pagination.ts'
import type { StreamReader, TagItem } from './stream-reader.ts'

/**
 * `GET /v2/<name>/_oci/tag-history/<tag>`, a draft (opencontainers/distribution-spec#606, as of August 2026) that may change
 * before it is merged: an index of what the tag has named and when it was deleted, newest first; an empty one when there is
 * nothing to tell. It comes from the records of moves, and for what is older from the stream. Served behind a flag.
 */
export type ListTagHistory = (call: Call, tag: string) => Promise<Answer>

export interface TagHistoryOptions {
  /** Acts as the registry. */
  client: Client
  reader: Pick<StreamReader, 'image'>
  blobs: Pick<BlobStore, 'stat'>
}

const timestampAnnotation = 'org.opencontainers.distribution.tag.timestamp'
const eventAnnotation = 'org.opencontainers.distribution.tag.event'
const defaultItems = 100

interface HistoryEntry {
  event: 'created' | 'deleted'
  /** What the tag named, or named until then. */
  state: TagState
  /** RFC 3339, UTC; those of one tag differ. */
  time: string
}

interface HistoryQuery {
  n: number
  /** Only older entries; '' for no bound. */
  before: string
  /** Only newer entries; '' for no bound. */
  since: string
  digest: Digest | undefined
}

function parseBound(query: URLSearchParams, name: string): string {
  const text = query.get(name) ?? ''
  if (text === '') return ''
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text)
  const whole = found === null ? Number.NaN : Date.parse(`${found[1]}${found[3]}`)
  if (Number.isNaN(whole)) {
    throw registryError('PAGINATION_NUMBER_INVALID', {
      message: `${name} is no RFC 3339 time`,
      detail: { [name]: text },
    })
  }
  return `${new Date(whole).toISOString().slice(0, 19)}.${(found?.[2] ?? '.').slice(1, 7).padEnd(6, '0')}Z`
}

function parseQuery(query: URLSearchParams): HistoryQuery {
  const digest = query.get('digest') ?? ''
  const parsed = parseDigest(digest)
  if (digest !== '' && parsed === undefined) throw registryError('DIGEST_INVALID', { detail: {} })
  return {
    n: parsePage(query).n ?? defaultItems,
    before: parseBound(query, 'before'),
    since: parseBound(query, 'since'),
    digest: parsed,
  }
}

/** `records` newest first, those of the stream's end among them. */
function fromRecords(records: readonly TagEventRecord[]): HistoryEntry[] {
  return records.flatMap(({ time, before, after }, index): HistoryEntry[] => {
    if (after !== undefined) return [{ event: 'created', state: after, time }]
    const last = before ?? records[index + 1]?.after
    return last === undefined ? [] : [{ event: 'deleted', state: last, time }]
  })
}

/** What the stream remembers from before the records began. */
function fromItems(items: readonly TagItem[], records: readonly TagEventRecord[]): HistoryEntry[] {
  return olderItems(records, items)
    .filter(({ created }) => created !== '')
    .map(({ image, dockerImageReference, created }) => ({
      event: 'created',
      state: { image, dockerImageReference },
      time: `${created.slice(0, 19)}.000000Z`,
    }))
}

function select(entries: readonly HistoryEntry[], { before, since, digest }: HistoryQuery): HistoryEntry[] {
  return entries.filter(
    ({ state, time }) =>
      parseDigest(state.image) !== undefined &&
      (before === '' || time < before) &&
      (since === '' || time > since) &&
      (digest === undefined || state.image === digest),
  )
}

export function createListTagHistory({ client, reader, blobs }: TagHistoryOptions): ListTagHistory {
  async function readRecords({ repository }: Call, tag: string): Promise<TagEventRecord[]> {
    const list = (name: string) =>
      client.list(tagEvents, repository.namespace, {
        fieldSelector: `stream=${repository.stream},tag=${name}`,
      })
    const [own, ends] = await Promise.all([list(tag), list('')])
    if (ends.items.length === 0) return own.items
    return [...own.items, ...ends.items].sort((a, b) => (a.time < b.time ? 1 : -1))
  }

  /** Size and media type of content that is gone are not known any more, or only as far as they were recorded. */
  async function describe({ event, state, time }: HistoryEntry): Promise<object> {
    const digest = parseDigest(state.image) as Digest
    const [view, stored] = await Promise.all([reader.image(digest), blobs.stat(digest)])
    return {
      mediaType: state.mediaType ?? view?.mediaType ?? '',
      digest,
      size: stored?.size ?? 0,
      annotations: { [timestampAnnotation]: time, [eventAnnotation]: event },
    }
  }

  return async (call, tag) => {
    const query = parseQuery(call.query)
    const [records, stream] = await Promise.all([readRecords(call, tag), call.stream()])
    const items = fromItems(stream?.tags.get(tag) ?? [], records)
    const entries = select([...fromRecords(records), ...items], query)
    const page = entries.slice(0, query.n)
    const manifests = await Promise.all(page.map(describe))
    const last = entries.length > page.length ? page.at(-1) : undefined
    const path = `/v2/${call.repository.name}/_oci/tag-history/${tag}`
    return jsonAnswer(
      200,
      { schemaVersion: 2, mediaType: ociIndex, manifests },
      last === undefined ? {} : { Link: nextLink(path, nextPage(query, last)) },
      ociIndex,
    )
  }
}

function nextPage({ n, since, digest }: HistoryQuery, last: HistoryEntry): [string, string][] {
  return [
    ...(digest === undefined ? [] : [['digest', digest] as [string, string]]),
    ...(since === '' ? [] : [['since', since] as [string, string]]),
    ['n', String(n)],
    ['before', last.time],
  ]
}
