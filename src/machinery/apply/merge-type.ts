import type { TSchema } from 'typebox'
import type { JsonSchema } from '../decode-schema.ts'

/**
 * How values of one schema are merged (structured-merge-diff, "schema"): as a leaf, as a list or as a map. A schema that
 * says nothing has all three, and the value decides.
 */
export interface MergeType {
  readonly scalar?: 'string' | 'numeric' | 'boolean' | 'untyped'
  readonly list?: ListType
  readonly map?: MapType
}

export interface ListType {
  /** Owned and replaced as a whole. */
  readonly atomic: boolean
  /** Fields that name an element; empty for a set of scalars. */
  readonly keys: readonly string[]
  /** What a key that is left out stands for. */
  keyDefault(key: string): unknown
  element(): MergeType
}

export interface MapType {
  readonly atomic: boolean
  /** Type of a declared field. */
  field(name: string): MergeType | undefined
  /** Type of any other key; undefined: there may be none. */
  readonly element?: () => MergeType
}

const untypedAtomic: MergeType = {
  scalar: 'untyped',
  list: { atomic: true, keys: [], keyDefault: () => undefined, element: () => untypedAtomic },
  map: { atomic: true, field: () => undefined, element: () => untypedAtomic },
}

const compiled = new WeakMap<object, MergeType>()

export function mergeTypeOf(schema: TSchema | JsonSchema): MergeType {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const type = createType(bare(schema as JsonSchema))
  compiled.set(schema, type)
  return type
}

/** A nullable schema stands for what it is when it isn't null; literals of one type stand for that type. */
function bare(schema: JsonSchema): JsonSchema {
  const arms = (schema.anyOf ?? []).filter((arm) => arm.type !== 'null')
  if (arms.length === 1) return { ...(arms[0] as JsonSchema), ...schema }
  const type = arms[0]?.type
  return type !== undefined && arms.every((arm) => arm.type === type) ? { type, ...schema } : schema
}

function createType(schema: JsonSchema): MergeType {
  // What holds fields that nobody here knows can't be owned field by field.
  if (schema.preserve === true && schema.properties === undefined) return untypedAtomic
  if (schema.format === 'int-or-string' || schema.format === 'quantity') return { scalar: 'untyped' }
  switch (schema.allOf === undefined ? schema.type : 'object') {
    case 'string':
      return { scalar: 'string' }
    case 'integer':
    case 'number':
      return { scalar: 'numeric' }
    case 'boolean':
      return { scalar: 'boolean' }
    case 'array':
      return { list: listType(schema) }
    case 'object':
      return { map: mapType(schema) }
    default:
      return untypedAtomic
  }
}

/** The list's own keywords, else those of patches, else it is one leaf (kube-openapi, "schemaconv"). */
function relationOf(schema: JsonSchema): { atomic: boolean; keys: string[] } {
  switch (schema['x-kubernetes-list-type']) {
    case 'map':
      return { atomic: false, keys: schema['x-kubernetes-list-map-keys'] ?? [] }
    case 'set':
      return { atomic: false, keys: [] }
    case 'atomic':
      return { atomic: true, keys: [] }
  }
  if (!(schema['x-kubernetes-patch-strategy'] ?? '').split(',').includes('merge')) {
    return { atomic: true, keys: [] }
  }
  const key = schema['x-kubernetes-patch-merge-key']
  return { atomic: false, keys: key === undefined ? [] : [key] }
}

function listType(schema: JsonSchema): ListType {
  const items = schema.items ?? {}
  const properties = propertiesOf(bare(items))
  return {
    ...relationOf(schema),
    // Kubernetes publishes one default of a key, and only for ports.
    keyDefault: (key) =>
      properties[key]?.default ?? (key === 'protocol' && 'protocol' in properties ? 'TCP' : undefined),
    element: () => mergeTypeOf(items),
  }
}

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  const parts = (schema.allOf ?? []).map((part) => part.properties ?? {})
  return Object.assign({}, ...parts, schema.properties ?? {}) as Record<string, JsonSchema>
}

function mapType(schema: JsonSchema): MapType {
  const properties = propertiesOf(schema)
  const values = [schema.additionalProperties, ...Object.values(schema.patternProperties ?? {})].find(
    (candidate) => typeof candidate === 'object',
  ) as JsonSchema | undefined
  const element =
    values !== undefined
      ? () => mergeTypeOf(values)
      : schema.preserve === true || schema.additionalProperties === true
        ? () => untypedAtomic
        : undefined
  return {
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    field: (name) =>
      Object.hasOwn(properties, name) ? mergeTypeOf(properties[name] as JsonSchema) : undefined,
    ...(element === undefined ? {} : { element }),
  }
}
