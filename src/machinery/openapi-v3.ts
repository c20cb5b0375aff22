import { kindsOf } from './discovery.ts'
import type { Kind } from './kind.ts'
import { groupPaths, hoistParameters, type Operation, type PathItem, rootPath } from './openapi-operations.ts'
import type { Parameter } from './openapi-parameters.ts'
import type { Definitions, SchemaNode } from './openapi-schema.ts'

/** OpenAPI 3.0, one document a group version, as kube-openapi writes it (image-api.md §1). */

export interface OpenApiV3 {
  openapi: '3.0.0'
  info: { title: string; version: string }
  paths: Record<string, SchemaNode>
  components: { schemas: Record<string, SchemaNode>; securitySchemes: Record<string, SchemaNode> }
}

/** `allOf` lets a reference have neighbours. */
function toV3(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toV3)
  if (typeof value !== 'object' || value === null) return value
  const { $ref, ...rest } = value as SchemaNode
  const converted = Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, toV3(item)]))
  return typeof $ref === 'string' ? { ...converted, allOf: [schemaRef($ref)] } : converted
}

function schemaRef(name: string): SchemaNode {
  return { $ref: `#/components/schemas/${name}` }
}

const mediaTypes = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml']
const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

const meanings: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  401: 'Unauthorized',
}

function content(types: readonly string[], schema: string): SchemaNode {
  return Object.fromEntries([...types].sort().map((type) => [type, { schema: schemaRef(schema) }]))
}

function toParameter({ name, in: place, type, description }: Parameter): SchemaNode {
  return {
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  }
}

function toOperation(operation: Operation, tag: string, parameters: readonly Parameter[]): SchemaNode {
  const { body, responses } = operation
  const types = operation.canWatch === true ? [...mediaTypes, ...streamTypes] : mediaTypes
  return {
    tags: [tag],
    description: operation.description,
    operationId: operation.operationId,
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(toParameter) }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            content: content(body.isPatch === true ? patchTypes : ['*/*'], body.schema),
            ...(body.required ? { required: true } : {}),
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([code, schema]) => [
          code,
          { description: meanings[code], content: content(types, schema) },
        ]),
      ),
      401: { description: meanings[401] },
    },
    ...(operation.action === undefined ? {} : { 'x-kubernetes-action': operation.action }),
    ...(operation.target === undefined ? {} : { 'x-kubernetes-group-version-kind': operation.target }),
  }
}

function toPath(item: PathItem): SchemaNode {
  const { common, own } = hoistParameters(item)
  return {
    ...Object.fromEntries(item.operations.map((one) => [one.method, toOperation(one, item.tag, own(one))])),
    ...(common.length === 0 ? {} : { parameters: common.map(toParameter) }),
  }
}

/** Names of all definitions that the value refers to, through others too. */
function reachable(roots: unknown, definitions: Definitions): Set<string> {
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    for (const [key, item] of Object.entries(value)) {
      if (key === '$ref' && typeof item === 'string') addName(item.replace('#/components/schemas/', ''))
      else visit(item)
    }
  }
  const addName = (name: string): void => {
    if (found.has(name)) return
    found.add(name)
    visit(definitions.get(name))
  }
  visit(roots)
  return found
}

/** The document of one group version; undefined where nothing is served. */
export function toOpenApiV3(
  kinds: readonly Kind[],
  group: string,
  version: string,
  definitions: Definitions,
  serverVersion: string,
): OpenApiV3 | undefined {
  const own = kindsOf(kinds, group, version)
  if (own.length === 0) return undefined
  const paths = Object.fromEntries(groupPaths(group, version, own).map((item) => [item.path, toPath(item)]))
  const names = [...reachable([paths, own.map((kind) => ({ $ref: kind.schemaName }))], definitions)].sort()
  return {
    openapi: '3.0.0',
    info: { title: 'Weir', version: serverVersion },
    paths,
    components: {
      schemas: Object.fromEntries(names.map((name) => [name, toV3(definitions.get(name)) as SchemaNode])),
      securitySchemes: {
        BearerToken: {
          type: 'apiKey',
          description: 'A bearer token.',
          name: 'authorization',
          in: 'header',
        },
      },
    },
  }
}

export interface OpenApiV3Index {
  paths: Record<string, { serverRelativeURL: string }>
}

/** Keys are paths without their first slash: `api/v1`, `apis/image.openshift.io/v1`. */
export function toOpenApiV3Index(
  groupVersions: readonly { group: string; version: string }[],
  hashOf: (group: string, version: string) => string,
): OpenApiV3Index {
  const entries = groupVersions.map(({ group, version }) => {
    const key = rootPath(group, version).slice(1)
    return [key, { serverRelativeURL: `/openapi/v3/${key}?hash=${hashOf(group, version)}` }] as const
  })
  return { paths: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) }
}
