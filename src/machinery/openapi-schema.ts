import type { TSchema } from 'typebox'
import type { Kind } from './kind.ts'
import { deleteOptionsSchema, listMetaSchema } from './meta-schema.ts'
import {
  apiResourceListSchema,
  commonDescriptions,
  metaDescriptions,
  metaPackage,
  plainTypeNames,
  plainTypes,
  statusSchema,
  watchEventSchema,
  wellKnownPackages,
} from './openapi-meta.ts'
import type { SchemaKeywords } from './schema.ts'

/**
 * The definitions of both OpenAPI documents, from the kinds' schemas. Here a reference is `{$ref: <name>}` with its
 * description and the like beside it; openapi-v2.ts and openapi-v3.ts write it in their own way.
 */
export interface SchemaNode {
  [keyword: string]: unknown
}

export interface GroupVersionKind {
  group: string
  version: string
  kind: string
}

/** What {@link struct} and its kin make, as plain JSON schema. */
interface Schema extends SchemaKeywords {
  type?: string
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema
}

export type Definitions = Map<string, SchemaNode>

function asSchema(schema: TSchema): Schema {
  return schema as unknown as Schema
}

/** Every definition that the kinds use, by its whole name. */
export function collectDefinitions(kinds: readonly Kind[]): Definitions {
  const definitions: Definitions = new Map(
    Object.entries(plainTypes).map(([name, node]) => [name, { ...node }]),
  )
  for (const kind of kinds) defineKindTypes(kind, definitions)
  for (const kind of kinds) {
    for (const sub of kind.subresources) {
      if (sub.schema === undefined) continue
      const schema = asSchema(sub.schema)
      const name = nameOf(schema, packageOf(kind.schemaName))
      defineStruct(name, schema, definitions)
      tagWith(definitions, name, {
        group: sub.group ?? kind.group,
        version: sub.version ?? kind.version,
        kind: sub.kind,
      })
    }
  }
  for (const schema of [apiResourceListSchema, statusSchema, deleteOptionsSchema, watchEventSchema]) {
    reference(asSchema(schema), metaPackage, definitions)
  }
  tagMetaTypes(kinds, definitions)
  return definitions
}

/** Of the types that every group knows, those that requests carry are tagged with each. */
function tagMetaTypes(kinds: readonly Kind[], definitions: Definitions): void {
  const tag = (kind: string, group = '', version = 'v1') =>
    tagWith(definitions, `${metaPackage}.${kind}`, { group, version, kind })
  for (const name of ['APIResourceList', 'Status', 'DeleteOptions', 'WatchEvent']) tag(name)
  for (const { group, version } of kinds) {
    tag('DeleteOptions', group, version)
    tag('WatchEvent', group, version)
  }
}

/** The kind and its list. Kinds come before what only refers to them, so a bare reference never stands for one. */
function defineKindTypes(kind: Kind, definitions: Definitions): void {
  const { group, version } = kind
  const groups = kind.legacy === true ? ['', group] : [group]
  defineStruct(kind.schemaName, asSchema(kind.schema), definitions, true)
  for (const one of groups) tagWith(definitions, kind.schemaName, { group: one, version, kind: kind.kind })
  if (!kind.verbs.includes('list')) return
  const name = listName(kind)
  definitions.set(name, listDefinition(kind, definitions))
  for (const one of groups) tagWith(definitions, name, { group: one, version, kind: kind.listKind })
}

export function listName(kind: Kind): string {
  return `${packageOf(kind.schemaName)}.${kind.listKind}`
}

function listDefinition(kind: Kind, definitions: Definitions): SchemaNode {
  const text = (description: string): SchemaNode => ({ description, type: 'string' })
  return {
    description: `A list of objects of kind ${kind.kind}.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: text('Group and version of the list.'),
      items: { description: 'The objects.', type: 'array', items: { default: {}, $ref: kind.schemaName } },
      kind: text('Kind of the list.'),
      metadata: {
        description: 'Metadata of the list.',
        default: {},
        $ref: reference(asSchema(listMetaSchema), metaPackage, definitions),
      },
    },
  }
}

function tagWith(definitions: Definitions, name: string, { group, version, kind }: GroupVersionKind): void {
  const node = definitions.get(name)
  if (node === undefined) return
  const tags = (node['x-kubernetes-group-version-kind'] ?? []) as GroupVersionKind[]
  const isKnown = tags.some((tag) => tag.group === group && tag.version === version && tag.kind === kind)
  node['x-kubernetes-group-version-kind'] = isKnown ? tags : [...tags, { group, kind, version }]
}

export function packageOf(name: string): string {
  return name.slice(0, name.lastIndexOf('.'))
}

function nameOf(schema: Schema, packageName: string): string {
  const goStruct = schema.goStruct as string
  return schema.schemaName ?? `${wellKnownPackages[goStruct] ?? packageName}.${goStruct}`
}

/** Name of a struct's definition, which is made if there is none. */
function reference(schema: Schema, packageName: string, definitions: Definitions): string {
  const name = nameOf(schema, packageName)
  if (!definitions.has(name)) defineStruct(name, schema, definitions)
  return name
}

function defineStruct(name: string, schema: Schema, definitions: Definitions, replace = false): void {
  if (definitions.has(name) && !replace) return
  const node: SchemaNode = {}
  definitions.set(name, node)
  if (schema.structDescription !== undefined) node.description = schema.structDescription
  node.type = 'object'
  const properties = Object.entries(schema.properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const required = Object.entries(schema.properties ?? {}).filter(isRequired)
  if (required.length > 0) node.required = required.map(([key]) => key)
  if (properties.length > 0) {
    const packageName = packageOf(name)
    node.properties = Object.fromEntries(
      properties.map(([key, property]) => [
        key,
        toProperty(described(schema, key, property), packageName, definitions),
      ]),
    )
  }
  if (!isOlderPackage(name) && schema['x-kubernetes-map-type'] !== undefined) {
    node['x-kubernetes-map-type'] = schema['x-kubernetes-map-type']
  }
}

/** The property with a description, if anything has one for it. */
function described({ goStruct }: Schema, key: string, property: Schema): Schema {
  if (property.description !== undefined) return property
  const description = metaDescriptions[`${goStruct}.${key}`] ?? commonDescriptions[key]
  return description === undefined ? property : { ...property, description }
}

function isRequired([key, schema]: [string, Schema]): boolean {
  if (schema.mandatory !== undefined) return schema.mandatory
  return key !== 'metadata' && (schema.emit === 'always' || schema.emit === 'null')
}

/** OpenShift's own API says how lists are patched, but not how they are applied. */
function isOlderPackage(name: string): boolean {
  return name.startsWith('com.github.openshift.api.')
}

const patchKeywords = ['x-kubernetes-patch-merge-key', 'x-kubernetes-patch-strategy']
const listKeywords = ['x-kubernetes-list-map-keys', 'x-kubernetes-list-type']

function toProperty(schema: Schema, packageName: string, definitions: Definitions): SchemaNode {
  const type = toType(schema, packageName, definitions)
  const node: SchemaNode = {}
  if (schema.description !== undefined) node.description = schema.description
  const unset = schema.emit === 'always' ? zeroOf(type) : undefined
  const fallback = schema.default ?? unset
  if (fallback !== undefined) node.default = fallback
  Object.assign(node, type)
  const keywords = isOlderPackage(`${packageName}.`) ? patchKeywords : [...listKeywords, ...patchKeywords]
  for (const keyword of keywords) {
    if (schema[keyword] !== undefined) node[keyword] = schema[keyword]
  }
  return node
}

const zeros: Readonly<Record<string, unknown>> = { string: '', integer: 0, boolean: false }

/** The default of a value that is always there: types that are no structs have none. */
function zeroOf(type: SchemaNode): unknown {
  if (type.$ref !== undefined) return plainTypes[type.$ref as string] === undefined ? {} : undefined
  return type.format === 'byte' ? undefined : zeros[type.type as string]
}

function toElement(schema: Schema | undefined, packageName: string, definitions: Definitions): SchemaNode {
  if (schema === undefined) return {}
  const type = toType(schema, packageName, definitions)
  const zero = zeroOf(type)
  return zero === undefined ? type : { default: zero, ...type }
}

function toType(schema: Schema, packageName: string, definitions: Definitions): SchemaNode {
  const plain = plainTypeOf(schema)
  if (plain !== undefined) return { $ref: plain }
  if (schema.goStruct !== undefined) return { $ref: reference(schema, packageName, definitions) }
  switch (schema.type) {
    case 'array':
      return { type: 'array', items: toElement(schema.items, packageName, definitions) }
    case 'object':
      return {
        type: 'object',
        ...(schema.additionalProperties === undefined
          ? {}
          : { additionalProperties: toElement(schema.additionalProperties, packageName, definitions) }),
      }
    case 'integer':
      return { type: 'integer', format: schema.format ?? 'int64' }
    case 'string':
      return schema.format === undefined ? { type: 'string' } : { type: 'string', format: schema.format }
    default:
      return schema.type === undefined ? {} : { type: schema.type }
  }
}

function plainTypeOf(schema: Schema): string | undefined {
  if (schema.format === 'date-time') {
    return schema.goType === 'v1.MicroTime' ? plainTypeNames.microTime : plainTypeNames.time
  }
  if (schema.format === 'quantity') return plainTypeNames.quantity
  if (schema.format === 'int-or-string') return plainTypeNames.intOrString
  if (schema.goType === 'v1.FieldsV1') return plainTypeNames.fieldsV1
  return schema.preserve === true && schema.goStruct === undefined ? plainTypeNames.rawExtension : undefined
}
