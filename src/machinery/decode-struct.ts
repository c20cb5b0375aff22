import {
  compileSchema,
  type DecodeContext,
  type DecodeNode,
  formatPath,
  isObject,
  type JsonSchema,
  setOwn,
  typeError,
} from './decode-schema.ts'

interface Property {
  name: string
  /** Compiled at first use, so that schemas may be large and mostly unused. */
  node: DecodeNode
  emit: JsonSchema['emit']
  emptyIsNull: boolean
  default: unknown
}

/** Go's idea of empty, after decoding: an object counts when it has no field left. */
function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false || value === undefined) return true
  return typeof value === 'object' && isEmpty(value)
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === null
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

/** What stands in the output for a property, undefined when nothing does. */
function emitted(property: Property, decoded: unknown, context: DecodeContext, depth: number): unknown {
  const value = decoded === null ? undefined : decoded
  if (property.default !== undefined && (value === undefined || value === '')) {
    return property.node.decode(property.default, context, depth)
  }
  switch (property.emit) {
    case undefined:
      return value
    case 'omit':
      return isZero(value) ? undefined : value
    case 'null':
      return value === undefined || (property.emptyIsNull && isEmpty(value)) ? null : value
    case 'always':
      return value === undefined ? property.node.zero() : value
  }
}

export function structNode(schema: JsonSchema): DecodeNode {
  const goStruct = schema.goStruct ?? ''
  const goType = schema.goType ?? (goStruct === '' ? 'map[string]interface {}' : `v1.${goStruct}`)
  if (schema.properties === undefined) return freeObjectNode(schema, goType)
  const properties = Object.entries(schema.properties).map(
    ([name, property]): Property => ({
      name,
      node: compileSchema(property),
      emit: property.emit,
      emptyIsNull: property.emptyIsNull === true,
      default: property.default,
    }),
  )
  const indexes = new Map(properties.map(({ name }, index) => [name, index]))
  const preserve = schema.preserve === true

  const decode = (value: unknown, context: DecodeContext, depth: number): unknown => {
    if (!isObject(value)) throw typeError(value, goType, context, depth, { isStruct: true })
    const slots = new Array<unknown>(properties.length)
    const rest: string[] = []
    context.structs[depth] = goStruct
    for (const key of Object.keys(value)) {
      const index = indexes.get(key)
      context.path[depth] = key
      if (index === undefined) {
        if (preserve) rest.push(key)
        else context.unknown.push(formatPath(context.path, depth + 1))
        continue
      }
      const element = value[key]
      if (element !== null && element !== undefined) {
        const node = (properties[index] as Property).node
        const isKnown = depth === 0 && context.known?.[key] === element
        slots[index] = isKnown ? element : node.decode(element, context, depth + 1)
        context.structs[depth] = goStruct
      }
    }
    const out: Record<string, unknown> = {}
    for (let i = 0; i < properties.length; i++) {
      const property = properties[i] as Property
      const result = emitted(property, slots[i], context, depth + 1)
      if (result !== undefined) out[property.name] = result
    }
    for (const key of rest) setOwn(out, key, value[key])
    return out
  }

  return { goType, decode, zero: () => decode({}, { path: [], structs: [], unknown: [] }, 0) }
}

/** An object without declared fields: kept whole with `preserve`, emptied without. */
function freeObjectNode(schema: JsonSchema, goType: string): DecodeNode {
  return {
    goType,
    zero: () => ({}),
    decode(value, context, depth) {
      if (!isObject(value)) throw typeError(value, goType, context, depth, { isStruct: true })
      if (schema.preserve === true || schema.additionalProperties === true) return value
      for (const key of Object.keys(value)) {
        context.path[depth] = key
        context.unknown.push(formatPath(context.path, depth + 1))
      }
      return {}
    },
  }
}
