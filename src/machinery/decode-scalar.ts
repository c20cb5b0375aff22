import { base64Problem } from './base64.ts'
import {
  type DecodeContext,
  DecodeError,
  type DecodeNode,
  type JsonSchema,
  typeError,
} from './decode-schema.ts'
import { parseTime } from './time.ts'

/** Everything that is not a struct, list or map. */
export function scalarNode(schema: JsonSchema): DecodeNode {
  if (schema.format === 'int-or-string') return intOrStringNode
  switch (schema.type) {
    case 'string':
      return stringNode(schema)
    case 'integer':
      return integerNode(schema)
    case 'number':
      return plainNode(schema, 'number', 'float64', 0)
    case 'boolean':
      return plainNode(schema, 'boolean', 'bool', false)
    default:
      return rawNode
  }
}

const rawNode: DecodeNode = { goType: 'runtime.RawExtension', zero: () => null, decode: (value) => value }

function plainNode(schema: JsonSchema, type: string, goName: string, zero: unknown): DecodeNode {
  const goType = schema.goType ?? goName
  return {
    goType,
    zero: () => zero,
    decode(value, context, depth) {
      if (typeof value !== type) throw typeError(value, goType, context, depth)
      return value
    },
  }
}

function stringNode(schema: JsonSchema): DecodeNode {
  switch (schema.format) {
    case 'date-time':
      return timeNode(schema.goType === 'v1.MicroTime')
    case 'byte':
      return bytesNode
    case 'quantity':
      return quantityNode
    default:
      return plainNode(schema, 'string', 'string', '')
  }
}

const integerRanges: Record<string, [number, number]> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63 - 1],
}

function integerNode(schema: JsonSchema): DecodeNode {
  const size = schema.format === 'int32' ? 'int32' : 'int64'
  const [low, high] = integerRanges[size] as [number, number]
  const goType = schema.goType ?? size
  return {
    goType,
    zero: () => 0,
    decode(value, context, depth) {
      if (typeof value !== 'number') throw typeError(value, goType, context, depth)
      if (!Number.isInteger(value) || value < low || value > high) {
        throw typeError(value, goType, context, depth, { what: `number ${value}` })
      }
      return value
    },
  }
}

/** Types that decode themselves (Go's UnmarshalJSON) don't know the field that they are in. */
function ownTypeError(value: unknown, goType: string): DecodeError {
  return typeError(value, goType, { path: [], structs: [], unknown: [] }, 0)
}

function timeNode(micro: boolean): DecodeNode {
  return {
    goType: micro ? 'v1.MicroTime' : 'v1.Time',
    zero: () => null,
    decode(value) {
      if (typeof value !== 'string') throw ownTypeError(value, 'string')
      const parsed = parseTime(value, micro)
      if ('problem' in parsed) throw new DecodeError(parsed.problem)
      return parsed.text
    },
  }
}

const bytesNode: DecodeNode = {
  goType: '[]uint8',
  zero: () => '',
  decode(value, context: DecodeContext, depth) {
    if (typeof value !== 'string') throw typeError(value, '[]uint8', context, depth)
    const at = base64Problem(value)
    if (at !== undefined) throw new DecodeError(`illegal base64 data at input byte ${at}`)
    return value
  },
}

// Number and suffix apart: one expression for both would try every way to share out the digits.
const quantityNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)/
const quantitySuffix = /^(?:[eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/
/** What Kubernetes takes for a suffix before it looks closer. */
const quantityTail = /^[eEinumkKMGTP]*[-+]?\d*$/
const quantityFormText =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const quantityNode: DecodeNode = {
  goType: 'resource.Quantity',
  zero: () => '0',
  decode(value) {
    const text = typeof value === 'string' ? value.trim() : JSON.stringify(value)
    const tail = quantityTailOf(text)
    if (tail !== undefined && quantitySuffix.test(tail)) return text
    const isSuffix = tail !== undefined && quantityTail.test(tail)
    throw new DecodeError(isSuffix ? "unable to parse quantity's suffix" : quantityFormText)
  },
}

function quantityTailOf(text: string): string | undefined {
  const number = quantityNumber.exec(text)?.[0]
  return number === undefined ? undefined : text.slice(number.length)
}

const intOrStringNode: DecodeNode = {
  goType: 'intstr.IntOrString',
  zero: () => 0,
  decode(value) {
    if (typeof value === 'string') return value
    if (typeof value !== 'number') throw ownTypeError(value, 'int32')
    if (!Number.isInteger(value) || Math.abs(value) > 2 ** 31) {
      throw new DecodeError(`json: cannot unmarshal number ${value} into Go value of type int32`)
    }
    return value
  },
}
