import protobuf from 'protobufjs/minimal.js'
import type { SchemaNode } from './openapi-schema.ts'
import type { OpenApiV2 } from './openapi-v2.ts'

/**
 * The OpenAPI 2.0 document as gnostic's `openapi.v2.Document`. Numbers are those of its fields; of each message only
 * the fields that our document has are written.
 */

type Writer = protobuf.Writer
type Write<T> = (writer: Writer, value: T) => void

const lengthDelimited = 2

function message<T>(writer: Writer, field: number, value: T, write: Write<T>): void {
  writer.uint32((field << 3) | lengthDelimited).fork()
  write(writer, value)
  writer.ldelim()
}

function optional<T>(writer: Writer, field: number, value: T | undefined, write: Write<T>): void {
  if (value !== undefined) message(writer, field, value, write)
}

function text(writer: Writer, field: number, value: unknown): void {
  if (typeof value === 'string' && value !== '') writer.uint32((field << 3) | lengthDelimited).string(value)
}

function texts(writer: Writer, field: number, values: unknown): void {
  for (const value of (values ?? []) as string[]) text(writer, field, value)
}

function flag(writer: Writer, field: number, value: unknown): void {
  if (value === true) writer.uint32(field << 3).bool(true)
}

/** `NamedX {name, value}`. */
function named<T>(writer: Writer, field: number, name: string, value: T, write: Write<T>): void {
  message(writer, field, value, (inner, item) => {
    text(inner, 1, name)
    message(inner, 2, item, write)
  })
}

function entries(writer: Writer, field: number, values: unknown, write: Write<SchemaNode>): void {
  for (const [name, value] of Object.entries((values ?? {}) as Record<string, SchemaNode>)) {
    named(writer, field, name, value, write)
  }
}

/** `Any`: JSON is YAML too. */
function any(writer: Writer, value: unknown): void {
  text(writer, 2, JSON.stringify(value))
}

function extensions(writer: Writer, field: number, node: SchemaNode): void {
  for (const [key, value] of Object.entries(node)) {
    if (key.startsWith('x-')) named(writer, field, key, value, any)
  }
}

const nodeOf = (value: unknown) => value as SchemaNode | undefined

function schema(writer: Writer, node: SchemaNode): void {
  text(writer, 1, node.$ref)
  text(writer, 2, node.format)
  text(writer, 4, node.description)
  optional(writer, 5, node.default, any)
  texts(writer, 19, node.required)
  optional(writer, 21, nodeOf(node.additionalProperties), (inner, item) => message(inner, 1, item, schema))
  optional(writer, 22, node.type, (inner, type) => text(inner, 1, type))
  optional(writer, 23, nodeOf(node.items), (inner, item) => message(inner, 1, item, schema))
  optional(writer, 25, nodeOf(node.properties), (inner, all) => entries(inner, 1, all, schema))
  extensions(writer, 31, node)
}

function bodyParameter(writer: Writer, node: SchemaNode): void {
  text(writer, 1, node.description)
  text(writer, 2, node.name)
  text(writer, 3, node.in)
  flag(writer, 4, node.required)
  message(writer, 5, node.schema as SchemaNode, schema)
}

function queryParameter(writer: Writer, node: SchemaNode): void {
  text(writer, 2, node.in)
  text(writer, 3, node.description)
  text(writer, 4, node.name)
  text(writer, 6, node.type)
  flag(writer, 20, node.uniqueItems)
}

function pathParameter(writer: Writer, node: SchemaNode): void {
  flag(writer, 1, node.required)
  text(writer, 2, node.in)
  text(writer, 3, node.description)
  text(writer, 4, node.name)
  text(writer, 5, node.type)
  flag(writer, 19, node.uniqueItems)
}

function parameter(writer: Writer, node: SchemaNode): void {
  if (node.in === 'body') {
    message(writer, 1, node, bodyParameter)
  } else {
    const [field, write] = node.in === 'path' ? ([4, pathParameter] as const) : ([3, queryParameter] as const)
    message(writer, 2, node, (inner, item) => message(inner, field, item, write))
  }
}

function parameters(writer: Writer, field: number, list: unknown): void {
  for (const node of (list ?? []) as SchemaNode[]) {
    message(writer, field, node, (inner, item) => {
      if (item.$ref === undefined) message(inner, 1, item, parameter)
      else message(inner, 2, item, (reference, { $ref }) => text(reference, 1, $ref))
    })
  }
}

function response(writer: Writer, node: SchemaNode): void {
  text(writer, 1, node.description)
  optional(writer, 2, nodeOf(node.schema), (inner, item) => message(inner, 1, item, schema))
}

function operation(writer: Writer, node: SchemaNode): void {
  texts(writer, 1, node.tags)
  text(writer, 3, node.description)
  text(writer, 5, node.operationId)
  texts(writer, 6, node.produces)
  texts(writer, 7, node.consumes)
  parameters(writer, 8, node.parameters)
  optional(writer, 9, nodeOf(node.responses), (inner, all) => {
    entries(inner, 1, all, (value, item) => message(value, 1, item, response))
  })
  texts(writer, 10, node.schemes)
  extensions(writer, 13, node)
}

const methodFields = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const

function pathItem(writer: Writer, node: SchemaNode): void {
  for (const [method, field] of Object.entries(methodFields))
    optional(writer, field, nodeOf(node[method]), operation)
  parameters(writer, 9, node.parameters)
}

function apiKey(writer: Writer, node: SchemaNode): void {
  text(writer, 1, node.type)
  text(writer, 2, node.name)
  text(writer, 3, node.in)
  text(writer, 4, node.description)
}

/** The bytes of `application/com.github.proto-openapi.spec.v2.v1.0+protobuf`. */
export function encodeOpenApiV2(document: OpenApiV2): Uint8Array {
  const writer = protobuf.Writer.create()
  text(writer, 1, document.swagger)
  message(writer, 2, document.info, (inner, info) => {
    text(inner, 1, info.title)
    text(inner, 2, info.version)
  })
  message(writer, 8, document.paths, (inner, paths) => entries(inner, 2, paths, pathItem))
  message(writer, 9, document.definitions, (inner, all) => entries(inner, 1, all, schema))
  message(writer, 10, document.parameters, (inner, all) => entries(inner, 1, all, parameter))
  for (const requirement of document.security) {
    message(writer, 12, requirement, (inner, scheme) => {
      for (const [name, scopes] of Object.entries(scheme)) {
        named(inner, 1, name, scopes, (array, values) => texts(array, 1, values))
      }
    })
  }
  message(writer, 13, document.securityDefinitions, (inner, all) => {
    entries(inner, 1, all, (item, node) => message(item, 2, node, apiKey))
  })
  return writer.finish()
}
