import type protobuf from 'protobufjs/minimal.js'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { setOwn } from './decode-schema.ts'
import { isScalar, readScalar, readWellKnown, wellKnown, writeScalar } from './protobuf-scalars.ts'
import { coreMessages, type MessageSchema } from './protobuf-schema.ts'
import { partialMessages, workloadMessages } from './protobuf-workloads.ts'

/** Between protobuf messages and the JSON form of the same objects, by the tables of field numbers. */

export type Reader = protobuf.Reader
export type Writer = protobuf.Writer
type Data = Record<string, unknown>

interface Field {
  name: string
  number: number
  type: string
  shape: 'one' | 'pointer' | 'list' | 'map'
  /** JSON has the fields of the struct in its parent. */
  inline: boolean
}

interface Message {
  name: string
  byNumber: ReadonlyMap<number, Field>
  /** By number, ascending: the order on the wire. */
  fields: readonly Field[]
}

/** A field of a message that is known only in part. */
export class UnknownFieldError extends Error {
  override readonly name = 'UnknownFieldError'
}

const schemas: Readonly<Record<string, MessageSchema>> = { ...coreMessages, ...workloadMessages }
const shapes: Readonly<Record<string, Field['shape']>> = {
  '': 'one',
  '?': 'pointer',
  '[]': 'list',
  '{}': 'map',
}
const messages = new Map(Object.entries(schemas).map(([name, schema]) => [name, toMessage(name, schema)]))

function toMessage(name: string, schema: MessageSchema): Message {
  const fields = Object.entries(schema)
    .map(([field, text]) => toField(field, text))
    .sort((a, b) => a.number - b.number)
  return { name, fields, byNumber: new Map(fields.map((field) => [field.number, field])) }
}

function toField(name: string, text: string): Field {
  const [, number, type, shape] = /^(\d+) (\w+)(\?|\[\]|\{\})?$/.exec(text) ?? []
  if (number === undefined || type === undefined) throw new Error(`${name}: ${text} is no field`)
  return {
    name,
    number: Number(number),
    type,
    shape: shapes[shape ?? ''] as Field['shape'],
    inline: name.startsWith('...'),
  }
}

export function hasMessage(name: string): boolean {
  return messages.has(name)
}

function messageOf(name: string): Message {
  const message = messages.get(name)
  if (message === undefined) throw new Error(`no protobuf message ${name}`)
  return message
}

// Decoding ---------------------------------------------------------------------------------------------------------

/** As Go's JSON would print it: zero values that are no pointers are left out. RangeError for broken bytes. */
export function readMessage(name: string, reader: Reader, end = reader.len): Data {
  const message = messageOf(name)
  const out: Data = {}
  while (reader.pos < end) {
    const tag = reader.uint32()
    const field = message.byNumber.get(tag >>> 3)
    if (field === undefined) {
      if (partialMessages.has(name)) throw new UnknownFieldError(`field ${tag >>> 3} of ${name}`)
      reader.skipType(tag & 7)
    } else readField(field, tag & 7, reader, out)
  }
  return out
}

function readField(field: Field, wireType: number, reader: Reader, out: Data): void {
  switch (field.shape) {
    case 'list': {
      const list = (out[field.name] ?? []) as unknown[]
      out[field.name] = list
      // Numbers may come packed.
      const packed = wireType === 2 && (field.type === 'int64' || field.type === 'int32')
      const end = packed ? reader.uint32() + reader.pos : 0
      if (packed) while (reader.pos < end) list.push(readScalar(field.type, reader))
      else list.push(readValue(field.type, reader))
      return
    }
    case 'map': {
      const map = (out[field.name] ?? {}) as Data
      out[field.name] = map
      readEntry(field, reader, map)
      return
    }
    case 'pointer':
      out[field.name] = readValue(field.type, reader)
      return
    case 'one': {
      const value = readValue(field.type, reader)
      if (field.inline) Object.assign(out, value)
      else if (!isZero(value)) out[field.name] = value
    }
  }
}

function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false || value === undefined) return true
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function readEntry(field: Field, reader: Reader, map: Data): void {
  const end = reader.uint32() + reader.pos
  let key = ''
  let value: unknown
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) key = reader.string()
    else if (tag >>> 3 === 2) value = readValue(field.type, reader)
    else reader.skipType(tag & 7)
  }
  setOwn(map, key, value ?? emptyValue(field.type))
}

function emptyValue(type: string): unknown {
  return type === 'Strings' ? [] : type === 'Quantity' ? '0' : isScalar(type) ? '' : {}
}

function readValue(type: string, reader: Reader): unknown {
  if (type === 'bytes') return encodeBase64(reader.bytes())
  if (isScalar(type)) return readScalar(type, reader)
  const end = reader.uint32() + reader.pos
  if (end > reader.len) throw new RangeError('message is longer than its parent')
  return wellKnown.has(type) ? readWellKnown(type, reader, end) : readMessage(type, reader, end)
}

// Encoding ---------------------------------------------------------------------------------------------------------

/** In ascending order of fields and of map keys, zero values included, as Go's generated code does it. */
export function writeMessage(name: string, data: Data, writer: Writer): void {
  for (const field of messageOf(name).fields) {
    writeField(field, field.inline ? data : data[field.name], writer)
  }
}

function writeField(field: Field, value: unknown, writer: Writer): void {
  if (field.shape !== 'one' && (value === undefined || value === null)) return
  switch (field.shape) {
    case 'list':
      for (const element of value as unknown[]) writeValue(field, element, writer)
      return
    case 'map':
      for (const key of Object.keys(value as Data).sort()) {
        writer.uint32((field.number << 3) | 2).fork()
        writer.uint32(10).string(key)
        writeValue({ ...field, number: 2 }, (value as Data)[key], writer)
        writer.ldelim()
      }
      return
    default:
      writeValue(field, value, writer)
  }
}

function writeValue({ type, number }: Field, value: unknown, writer: Writer): void {
  if (type === 'bytes') {
    writer.uint32((number << 3) | 2).bytes(decodeBase64(String(value ?? '')) ?? new Uint8Array())
  } else if (isScalar(type)) writeScalar(type, number, value, writer)
  else {
    writer.uint32((number << 3) | 2).fork()
    const write = wellKnown.get(type)?.write
    if (write !== undefined) write(value, writer)
    else writeMessage(type, (value ?? {}) as Data, writer)
    writer.ldelim()
  }
}
