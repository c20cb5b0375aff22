import { apiVersionOf, type Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Entry, StoreEvent } from '../store/store.ts'
import { createEventCache, type ObjectCache, withTypeMeta } from './object-codec.ts'

/**
 * What is answered for one stored value, each form made when it is first asked for. The bytes of its JSON need no decoding where
 * what is stored is what is shown: they are the stored ones with the revision put in.
 */
export interface Shown {
  readonly object: KubeObject
  readonly json: Buffer
}

export interface ShowerOptions {
  /** What is shown on top of what is stored. */
  decorate?(object: KubeObject): KubeObject
  /** Whether `decorate` would change nothing about this value. Absent: only where there is no `decorate`. */
  isShownAsStored?(entry: Pick<Entry, 'key' | 'value'>): boolean
}

/** The JSON of an item as two pieces that follow each other: what makes a page of many copies them once. */
export interface ItemJson {
  /** ASCII. */
  front: string
  /** Those stored, or bytes of its own. */
  rest: Uint8Array
}

/** A value that was stored at a revision. */
type Stored = Pick<Entry, 'key' | 'value' | 'revision'>

export interface Shower {
  /** With `kind` and `apiVersion`. */
  answer(entry: Entry): Shown
  /** Without them, as in lists. */
  item(entry: Entry): Shown
  /** The bytes of such an item. */
  itemJson(entry: Entry): ItemJson
  /** As `answer`, what a put stored: one for all who watch. */
  event(event: StoreEvent): Shown
  /** What was there before the event, at its revision: one for all who watch. */
  lastState(event: StoreEvent): Shown
}

/** Of the events that are kept in the forms that somebody asked for: those likely to be on their way to watchers. */
const eventBytes = 2 << 20

const start = Buffer.from('{"metadata":{')
const emptyMeta = '}'.charCodeAt(0)

/** The stored bytes with `head` before and the revision in the metadata; undefined for a value of another form. */
function split(head: string, { value, revision }: Stored): ItemJson | undefined {
  const stored = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (stored.compare(start, 0, start.length, 0, start.length) !== 0) return undefined
  const comma = stored[start.length] === emptyMeta ? '' : ','
  const front = `${head}"metadata":{"resourceVersion":"${revision}"${comma}`
  return { front, rest: stored.subarray(start.length) }
}

function joined({ front, rest }: ItemJson): Buffer {
  const made = Buffer.allocUnsafe(front.length + rest.length)
  made.write(front, 'latin1')
  made.set(rest, front.length)
  return made
}

export function createShower(kind: Kind, cache: ObjectCache, options: ShowerOptions = {}): Shower {
  const { decorate = (object) => object, isShownAsStored = () => options.decorate === undefined } = options
  const answerHead = `{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",`

  const piecesOf = (stored: Stored, head: string) =>
    isShownAsStored(stored) ? split(head, stored) : undefined
  const jsonOf = (stored: Stored, head: string) => {
    const pieces = piecesOf(stored, head)
    return pieces && joined(pieces)
  }
  const show = (stored: Stored, head: string, decode: () => KubeObject): Shown => {
    let object: KubeObject | undefined
    let json: Buffer | undefined
    return {
      get object() {
        object ??= decode()
        return object
      },
      get json() {
        json ??= jsonOf(stored, head) ?? Buffer.from(JSON.stringify(this.object))
        return json
      },
    }
  }
  const finish = (object: KubeObject) => withTypeMeta(kind, decorate(object))
  const ofEvents = createEventCache<Shown>(eventBytes)
  const ofLastStates = createEventCache<Shown>(eventBytes)

  return {
    answer: (entry) => show(entry, answerHead, () => finish(cache.decode(entry))),
    item: (entry) => show(entry, '{', () => decorate(cache.decode(entry))),
    itemJson: (entry) =>
      piecesOf(entry, '{') ?? {
        front: '',
        rest: Buffer.from(JSON.stringify(decorate(cache.decode(entry)))),
      },
    event: (event) => ofEvents(event, () => show(event, answerHead, () => finish(cache.decodeEvent(event)))),
    lastState: (event) =>
      ofLastStates(event, () => {
        const { key, value, previous = value, revision } = event
        return show({ key, value: previous, revision }, answerHead, () =>
          finish(cache.decodePrevious(event) ?? cache.decodeEvent(event)),
        )
      }),
  }
}
