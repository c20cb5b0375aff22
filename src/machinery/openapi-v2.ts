import { groupNames, kindsOf, versionsOf } from './discovery.ts'
import type { Kind } from './kind.ts'
import { metaPackage } from './openapi-meta.ts'
import { groupPaths, hoistParameters, type Operation, type PathItem } from './openapi-operations.ts'
import type { Parameter } from './openapi-parameters.ts'
import type { Definitions, SchemaNode } from './openapi-schema.ts'

/** OpenAPI 2.0 ("Swagger"), one document of everything. */

export interface OpenApiV2 {
  swagger: '2.0'
  info: { title: string; version: string }
  paths: Record<string, SchemaNode>
  definitions: Record<string, SchemaNode>
  parameters: Record<string, SchemaNode>
  securityDefinitions: Record<string, SchemaNode>
  security: SchemaNode[]
}

/** The merged document of the real server numbers types that differ between its parts; these are OpenShift's. */
const numberedNames: Readonly<Record<string, string>> = {
  [`${metaPackage}.ListMeta`]: `${metaPackage}.ListMeta_v2`,
  [`${metaPackage}.Status`]: `${metaPackage}.Status_v5`,
}

function definitionName(name: string): string {
  return numberedNames[name] ?? name
}

function schemaRef(name: string): SchemaNode {
  return { $ref: `#/definitions/${definitionName(name)}` }
}

function toV2(value: unknown, isNamed = false): unknown {
  if (Array.isArray(value)) return value.map((item) => toV2(item))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    if (key === '$ref' && typeof item === 'string') return ['$ref', schemaRef(item).$ref]
    return [key, toV2(item, key === 'properties')]
  })
  return Object.fromEntries(
    isNamed ? entries : entries.filter(([key, item]) => key !== 'default' || isRealDefault(item)),
  )
}

/** Zero values are no news: version 2 leaves them out. */
function isRealDefault(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return false
  return !(typeof value === 'object' && value !== null && Object.keys(value).length === 0)
}

const produces = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const streams = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
const meanings: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  401: 'Unauthorized',
}

/** Older clients look for these two in each operation, so they are never shared. */
const unshared = ['dryRun', 'fieldValidation', 'name']

function toParameter(parameter: Parameter, shared: Map<string, SchemaNode>): SchemaNode {
  const { name, in: place, type, description } = parameter
  const node = {
    uniqueItems: true,
    type,
    description,
    name,
    in: place,
    ...(place === 'path' ? { required: true } : {}),
  }
  if (unshared.includes(name)) return node
  const key = `${name}-${place}`
  shared.set(key, node)
  return { $ref: `#/parameters/${key}` }
}

function bodyParameter(operation: Operation): SchemaNode[] {
  if (operation.body === undefined) return []
  const { schema, required } = operation.body
  return [{ name: 'body', in: 'body', ...(required ? { required } : {}), schema: schemaRef(schema) }]
}

function toOperation(
  operation: Operation,
  tag: string,
  own: readonly Parameter[],
  shared: Map<string, SchemaNode>,
): SchemaNode {
  const parameters = [...bodyParameter(operation), ...own.map((one) => toParameter(one, shared))]
  return {
    description: operation.description,
    consumes: operation.body?.isPatch === true ? patchTypes : ['*/*'],
    produces: operation.canWatch === true ? [...produces, ...streams] : produces,
    schemes: ['https'],
    tags: [tag],
    operationId: operation.operationId,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.responses).map(([code, schema]) => [
          code,
          { description: meanings[code], schema: schemaRef(schema) },
        ]),
      ),
      401: { description: meanings[401] },
    },
    ...(operation.action === undefined ? {} : { 'x-kubernetes-action': operation.action }),
    ...(operation.target === undefined ? {} : { 'x-kubernetes-group-version-kind': operation.target }),
  }
}

function toPath(item: PathItem, shared: Map<string, SchemaNode>): SchemaNode {
  const { common, own } = hoistParameters(item)
  return {
    ...Object.fromEntries(
      item.operations.map((one) => [one.method, toOperation(one, item.tag, own(one), shared)]),
    ),
    ...(common.length === 0 ? {} : { parameters: common.map((one) => toParameter(one, shared)) }),
  }
}

export function toOpenApiV2(
  kinds: readonly Kind[],
  definitions: Definitions,
  serverVersion: string,
): OpenApiV2 {
  const shared = new Map<string, SchemaNode>()
  const items = ['', ...groupNames(kinds)].flatMap((group) =>
    versionsOf(kinds, group).flatMap((version) => groupPaths(group, version, kindsOf(kinds, group, version))),
  )
  const paths = Object.fromEntries(items.map((item) => [item.path, toPath(item, shared)]))
  const named = [...definitions].map(
    ([name, node]) => [definitionName(name), toV2(node) as SchemaNode] as const,
  )
  return {
    swagger: '2.0',
    info: { title: 'Weir', version: serverVersion },
    paths,
    definitions: Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1))),
    parameters: Object.fromEntries([...shared].sort(([a], [b]) => (a < b ? -1 : 1))),
    securityDefinitions: {
      BearerToken: { description: 'A bearer token.', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  }
}
