import type { TSchema } from 'typebox'
import { scalarNode } from './decode-scalar.ts'
import { structNode } from './decode-struct.ts'
import type { SchemaKeywords } from './schema.ts'

/** Where a decoder is: structs, lists and maps write their step at their own depth before they call a child. */
export interface DecodeContext {
  /** A field's name, a list's index or a map's key. */
  path: (string | number | MapKey)[]
  /** Go name of the struct whose field is at the same depth of `path`. */
  structs: string[]
  unknown: string[]
  /** Fields of the value itself that were decoded before: where they are still the same, they stay as they are. */
  known?: Readonly<Record<string, unknown>>
}

export interface MapKey {
  key: string
}

/** One compiled schema. `decode` never sees null. */
export interface DecodeNode {
  goType: string
  /** For what `emit: 'omit'` leaves out and `emit: 'always'` prints. */
  zero(): unknown
  decode(value: unknown, context: DecodeContext, depth: number): unknown
}

/** A value that its field cannot hold; the message is the one of Go's JSON decoder. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
  /** What Kubernetes says where the value comes from a map, not from JSON text: the outcome of a strategic merge patch. */
  readonly fromMap: string

  constructor(message: string, fromMap = message) {
    super(message)
    this.fromMap = fromMap
  }
}

export interface JsonSchema extends SchemaKeywords {
  type?: string
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  additionalProperties?: JsonSchema | boolean
  patternProperties?: Record<string, JsonSchema>
  anyOf?: JsonSchema[]
  allOf?: JsonSchema[]
  const?: unknown
}

const compiled = new WeakMap<object, DecodeNode>()

/** Compiles once per schema. */
export function compileSchema(schema: TSchema | JsonSchema): DecodeNode {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const node = createNode(schema as JsonSchema)
  compiled.set(schema, node)
  return node
}

function createNode(schema: JsonSchema): DecodeNode {
  if (schema.allOf !== undefined) return structNode(mergeObjects(schema))
  if (schema.anyOf !== undefined) return unionNode(schema)
  if (schema.type === 'array' && schema.items !== undefined) return listNode(schema, schema.items)
  if (schema.type === 'object') return objectNode(schema)
  return scalarNode(schema)
}

function mergeObjects(schema: JsonSchema): JsonSchema {
  const { allOf = [], ...own } = schema
  const properties = Object.assign({}, ...allOf.map((part) => part.properties ?? {}), own.properties ?? {})
  return { ...own, type: 'object', properties: properties as Record<string, JsonSchema> }
}

/** Unions are either one schema and null, or literals of one type: in Go both are that one type. */
function unionNode(schema: JsonSchema): DecodeNode {
  const { anyOf = [], ...own } = schema
  const arms = anyOf.filter((arm) => arm.type !== 'null')
  const types = new Set(arms.map((arm) => arm.type))
  if (arms.length === 1) return createNode({ ...(arms[0] as JsonSchema), ...own })
  if (types.size === 1 && arms.every((arm) => arm.const !== undefined)) {
    return createNode({ ...own, type: arms[0]?.type })
  }
  return scalarNode(own)
}

function objectNode(schema: JsonSchema): DecodeNode {
  const values =
    typeof schema.additionalProperties === 'object'
      ? schema.additionalProperties
      : Object.values(schema.patternProperties ?? {})[0]
  return values !== undefined && schema.properties === undefined
    ? mapNode(schema, values)
    : structNode(schema)
}

function listNode(schema: JsonSchema, items: JsonSchema): DecodeNode {
  const item = compileSchema(items)
  const goType = schema.goType ?? `[]${item.goType}`
  return {
    goType,
    zero: () => [],
    decode(value, context, depth) {
      if (!Array.isArray(value)) throw typeError(value, goType, context, depth)
      const out: unknown[] = new Array(value.length)
      for (let i = 0; i < value.length; i++) {
        context.path[depth] = i
        const element: unknown = value[i]
        out[i] = element === null ? item.zero() : item.decode(element, context, depth + 1)
      }
      return out
    },
  }
}

function mapNode(schema: JsonSchema, values: JsonSchema): DecodeNode {
  const node = compileSchema(values)
  const goType = schema.goType ?? `map[string]${node.goType}`
  return {
    goType,
    zero: () => ({}),
    decode(value, context, depth) {
      if (!isObject(value)) throw typeError(value, goType, context, depth)
      const out: Record<string, unknown> = {}
      for (const key of Object.keys(value)) {
        context.path[depth] = { key }
        const element = value[key]
        setOwn(out, key, element === null ? node.zero() : node.decode(element, context, depth + 1))
      }
      return out
    },
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Like an assignment, but `__proto__` is a key like any other. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

// Paths and messages -----------------------------------------------------------------------------------------------

/** As strict decoding prints it: `spec.tags[0].foo`. */
export function formatPath(path: DecodeContext['path'], depth: number): string {
  let text = ''
  for (const step of path.slice(0, depth)) {
    if (typeof step === 'number') text += `[${step}]`
    else text += `${text === '' ? '' : '.'}${typeof step === 'string' ? step : step.key}`
  }
  return text
}

/** Go's kind and type of a value that JSON was read into. */
function goForm(value: unknown): { kind: string; type: string } {
  if (Array.isArray(value)) return { kind: 'slice', type: '[]interface {}' }
  if (isObject(value)) return { kind: 'map', type: 'map[string]interface {}' }
  const name = typeof value === 'number' && Number.isInteger(value) ? 'int64' : jsonType(value)
  return name === 'number' ? { kind: 'float64', type: 'float64' } : { kind: name, type: name }
}

function fromMapProblem(value: unknown, goType: string, isStruct: boolean): string {
  const { kind, type } = goForm(value)
  if (isStruct) return `cannot restore struct from: ${kind}`
  if (goType.startsWith('[]')) return `cannot restore slice from ${kind}`
  if (goType.startsWith('map[')) return `cannot restore map from ${kind}`
  return `cannot convert ${type} to ${goType}`
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** Go names fields only: neither the index of a list nor the key of a map is in its path. */
export function typeError(
  value: unknown,
  goType: string,
  context: DecodeContext,
  depth: number,
  { what = jsonType(value), isStruct = false } = {},
): DecodeError {
  const fromMap = fromMapProblem(value, goType, isStruct)
  const fields = context.path.slice(0, depth).map((step, i) => ({ step, struct: context.structs[i] }))
  const named = fields.filter(({ step }) => typeof step === 'string')
  const last = named.at(-1)
  if (last === undefined)
    return new DecodeError(`json: cannot unmarshal ${what} into Go value of type ${goType}`, fromMap)
  const path = named.map(({ step }) => step).join('.')
  return new DecodeError(
    `json: cannot unmarshal ${what} into Go struct field ${last.struct}.${path} of type ${goType}`,
    fromMap,
  )
}
