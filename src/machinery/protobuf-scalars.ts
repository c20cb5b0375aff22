import { formatTime } from './object.ts'
import type { Reader, Writer } from './protobuf-codec.ts'

/** Scalars, and the messages that are one value in JSON. */

const varints = new Set(['bool', 'int32', 'int64'])

export function isScalar(type: string): boolean {
  return type === 'string' || type === 'bytes' || varints.has(type)
}

export function readScalar(type: string, reader: Reader): string | number | boolean {
  switch (type) {
    case 'string':
      return reader.string()
    case 'bool':
      return reader.bool()
    case 'int32':
      return reader.int32()
    default:
      return Number(reader.int64())
  }
}

export function writeScalar(type: string, number: number, value: unknown, writer: Writer): void {
  switch (type) {
    case 'string':
      writer.uint32((number << 3) | 2).string(typeof value === 'string' ? value : '')
      return
    case 'bool':
      writer.uint32(number << 3).bool(value === true)
      return
    case 'int32':
      writer.uint32(number << 3).int32(Number(value ?? 0))
      return
    default:
      writer.uint32(number << 3).int64(Number(value ?? 0))
  }
}

interface WellKnown {
  read(fields: ReadonlyMap<number, Uint8Array | number>): unknown
  write(value: unknown, writer: Writer): void
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

const text = (bytes: Uint8Array | number | undefined) =>
  bytes instanceof Uint8Array ? decoder.decode(bytes) : ''
const count = (value: Uint8Array | number | undefined) => (typeof value === 'number' ? value : 0)

/** `metav1.Time`: seconds and nanoseconds; the zero time is an empty message. */
const time: WellKnown = {
  read(fields) {
    const seconds = count(fields.get(1))
    return seconds === 0 && count(fields.get(2)) === 0 ? undefined : formatTime(new Date(seconds * 1000))
  },
  write(value, writer) {
    const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
    if (Number.isNaN(at)) return
    writer.uint32(8).int64(Math.floor(at / 1000))
    writer.uint32(16).int32(0)
  },
}

const quantity: WellKnown = {
  read: (fields) => text(fields.get(1)) || '0',
  write: (value, writer) => {
    writer.uint32(10).string(String(value ?? '0'))
  },
}

const intOrString: WellKnown = {
  read: (fields) => (count(fields.get(1)) === 1 ? text(fields.get(3)) : count(fields.get(2)) | 0),
  write(value, writer) {
    const isText = typeof value === 'string'
    writer.uint32(8).int64(isText ? 1 : 0)
    writer.uint32(16).int32(isText ? 0 : Number(value ?? 0))
    writer.uint32(26).string(isText ? value : '')
  },
}

/** `FieldsV1`: JSON in a field of bytes. */
const rawJson: WellKnown = {
  read: (fields) => (fields.has(1) ? (JSON.parse(text(fields.get(1))) as unknown) : undefined),
  write(value, writer) {
    if (value !== undefined) writer.uint32(10).bytes(encoder.encode(JSON.stringify(value)))
  },
}

export const wellKnown: ReadonlyMap<string, WellKnown> = new Map([
  ['Time', time],
  ['Quantity', quantity],
  ['IntOrString', intOrString],
  ['FieldsV1', rawJson],
  ['Strings', { read: () => [], write: writeStrings }],
])

/** A list of strings as the value of a map: a message with one repeated field. */
function writeStrings(value: unknown, writer: Writer): void {
  for (const element of (value ?? []) as unknown[]) writer.uint32(10).string(String(element))
}

export function readWellKnown(type: string, reader: Reader, end: number): unknown {
  const fields = new Map<number, Uint8Array | number>()
  const strings: string[] = []
  while (reader.pos < end) {
    const tag = reader.uint32()
    if ((tag & 7) === 0) fields.set(tag >>> 3, Number(reader.int64()))
    else if ((tag & 7) === 2) {
      const bytes = reader.bytes()
      fields.set(tag >>> 3, bytes)
      if (type === 'Strings') strings.push(decoder.decode(bytes))
    } else reader.skipType(tag & 7)
  }
  return type === 'Strings' ? strings : wellKnown.get(type)?.read(fields)
}
