import { setImmediate as turn } from 'node:timers/promises'
import type { Image, ImageStream, TagEvent } from '../../api/image/index.ts'
import {
  images,
  type TagEventCause,
  type TagEventRecord,
  type TagEventSource,
  type TagState,
  tagEventName,
  tagEventPrefix,
  tagEvents,
} from '../../api/index.ts'
import { imageChanges, specTag, type TagMove, type WriteFlavour } from '../../image/index.ts'
import { formatTime, type KubeObject } from '../../machinery/object.ts'
import type { Change } from '../../store/store.ts'
import { objectKey, scopePrefix } from '../keys.ts'
import { encodeObject } from '../object-codec.ts'
import type { WriteRequest } from '../write-strategy.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { noteStamp, stampRecord } from './record-stamps.ts'

/** The records of moves: what the commit of a stream writes beside it (design.md §6). */

export type RecordDeps = Pick<ImageEndpointDeps, 'store' | 'cache' | 'randomUuid' | 'stamp'>

export interface RecordedWrite {
  stream: ImageStream
  flavour: WriteFlavour
  cause: TagEventCause
  request: WriteRequest
}

/** After so many tags of one write others get their turn. */
const tagsAtOnce = 200
/** A commit has room for so many beside the images that it may bring; what moves more at once is recorded so far. */
const mostRecords = 2000

export async function planRecords(
  moves: readonly TagMove[],
  write: RecordedWrite,
  deps: RecordDeps,
): Promise<Change[]> {
  const changes: Change[] = []
  let newest = 0
  for (const [index, move] of moves.slice(0, mostRecords).entries()) {
    if (index % tagsAtOnce === tagsAtOnce - 1) await turn()
    newest = await nextMicros(write, move.tag, deps)
    changes.push(toChange(await toRecord(move, newest, write, deps)))
  }
  return changes.length === 0 ? [] : [...changes, ...(await noteStamp(newest, deps))]
}

function nextMicros({ stream, request }: RecordedWrite, tag: string, deps: RecordDeps): Promise<number> {
  const { namespace = '', name = '' } = stream.metadata
  return stampRecord(`${scopePrefix(tagEvents, namespace)}${tagEventPrefix(name, tag)}`, request.now, deps)
}

/** One record for all tags of a stream that goes. */
export async function planLastRecord(write: RecordedWrite, deps: RecordDeps): Promise<Change[]> {
  const hadImages = (write.stream.status.tags ?? []).some(({ items }) => (items ?? []).length > 0)
  if (!hadImages) return []
  const micros = deps.stamp(write.request.now)
  return [toChange(recordOf('', micros, write, deps)), ...(await noteStamp(micros, deps))]
}

function toChange(record: TagEventRecord): Change {
  const { name = '', namespace = '' } = record.metadata
  return { key: objectKey(tagEvents, namespace, name), value: encodeObject(record), expect: 'absent' }
}

/** What every record says. */
function recordOf(
  tag: string,
  micros: number,
  { stream, cause, request }: RecordedWrite,
  deps: RecordDeps,
): TagEventRecord {
  const { name = '', namespace = '', generation } = stream.metadata
  const { message = '' } = request.origin ?? {}
  return {
    metadata: {
      name: tagEventName(name, tag, micros),
      namespace,
      uid: deps.randomUuid(),
      creationTimestamp: formatTime(request.now),
    },
    stream: name,
    tag,
    time: microsTime(micros),
    cause,
    subject: request.onBehalfOf ?? request.caller.name,
    ...(message === '' ? {} : { message }),
    ...(generation ? { generation } : {}),
  }
}

async function toRecord(
  move: TagMove,
  micros: number,
  write: RecordedWrite,
  deps: RecordDeps,
): Promise<TagEventRecord> {
  const { request } = write
  const [before, after] = await Promise.all([
    findImage(move.before, request, deps),
    findImage(move.after, request, deps),
  ])
  const changes = before === undefined || after === undefined ? [] : imageChanges(before, after)
  const source = sourceOf(move, write)
  return {
    ...recordOf(move.tag, micros, write, deps),
    ...(source === undefined ? {} : { source }),
    ...(move.before === undefined ? {} : { before: toState(move.before, before) }),
    ...(move.after === undefined ? {} : { after: toState(move.after, after) }),
    ...(changes.length === 0 ? {} : { changes }),
  }
}

function toState({ image, dockerImageReference }: TagEvent, known: Image | undefined): TagState {
  const mediaType = known?.dockerImageManifestMediaType ?? ''
  return { image, dockerImageReference, ...(mediaType === '' ? {} : { mediaType }) }
}

/** RFC 3339 with six digits. */
export function microsTime(micros: number): string {
  const whole = new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1)
  return `${whole}${String(micros % 1000).padStart(3, '0')}Z`
}

async function findImage(
  event: TagEvent | undefined,
  { origin }: WriteRequest,
  { store, cache }: RecordDeps,
): Promise<Image | undefined> {
  if (event === undefined || event.image === '') return undefined
  const fresh = origin?.images?.find(({ metadata }) => metadata.name === event.image)
  if (fresh !== undefined) return fresh
  const entry = await store.get(objectKey(images, '', event.image))
  return entry === undefined ? undefined : (cache.decode(entry) as KubeObject as Image)
}

/** What the spec names, unless the image was put there by hand: pushed, rolled back to, or written into the status. */
function sourceOf({ tag, after }: TagMove, write: RecordedWrite): TagEventSource | undefined {
  const { stream, flavour, request } = write
  const named = request.origin?.tag
  if (after === undefined || (flavour === 'status' && (named === undefined || named === tag)))
    return undefined
  const { kind = '', namespace = '', name = '' } = specTag(stream, tag)?.from ?? {}
  if (name === '') return undefined
  return {
    ...(kind === '' ? {} : { kind }),
    ...(namespace === '' ? {} : { namespace }),
    name,
  }
}
