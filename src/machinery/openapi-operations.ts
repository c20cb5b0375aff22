import type { Kind, Subresource, Verb } from './kind.ts'
import { metaPackage, plainTypeNames } from './openapi-meta.ts'
import {
  deleteCollectionParameters,
  deleteParameters,
  listParameters,
  nameParameter,
  namespaceParameter,
  type Parameter,
  patchParameters,
  pretty,
  writeParameters,
} from './openapi-parameters.ts'
import { type GroupVersionKind, listName, packageOf } from './openapi-schema.ts'

/** The operations of a group version, in a form that both versions of OpenAPI are written from. */

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch'

export interface Operation {
  method: Method
  operationId: string
  description: string
  action?: string
  target?: GroupVersionKind
  parameters: readonly Parameter[]
  /** Name of the body's definition. */
  body?: { schema: string; required: boolean; isPatch?: boolean }
  /** Names of the answers' definitions by status code. */
  responses: Readonly<Record<string, string>>
  /** Answers may also be streams of watch events. */
  canWatch?: boolean
}

export interface PathItem {
  path: string
  tag: string
  operations: readonly Operation[]
  /** Of every operation of the path. */
  parameters: readonly Parameter[]
}

const status = `${metaPackage}.Status`
const watchEvent = `${metaPackage}.WatchEvent`

/** `image.openshift.io` → `ImageOpenshiftIo`, `rbac.authorization.k8s.io` → `RbacAuthorization`, '' → `Core`. */
function groupName(group: string): string {
  if (group === '') return 'Core'
  const parts = group.replace(/\.k8s\.io$/, '').split('.')
  return parts.map(capitalized).join('')
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function article(kind: string): string {
  return /^[AEIOU]/.test(kind) ? 'an' : 'a'
}

export function rootPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
}

/** All paths of a group version, in alphabetical order. `kinds` are those of that group version. */
export function groupPaths(group: string, version: string, kinds: readonly Kind[]): PathItem[] {
  const id = `${groupName(group)}${capitalized(version)}`
  const tag = `${id.charAt(0).toLowerCase()}${groupName(group).slice(1)}_${version}`
  const resources: PathItem = {
    path: `${rootPath(group, version)}/`,
    tag,
    parameters: [],
    operations: [
      {
        method: 'get',
        operationId: `get${id}APIResources`,
        description: 'get available resources',
        parameters: [],
        responses: { 200: `${metaPackage}.APIResourceList` },
      },
    ],
  }
  const paths = kinds
    .filter(hasPaths)
    .flatMap((kind) => kindPaths(kind, id).map((path) => ({ ...path, tag })))
  return [resources, ...paths].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** A kind that is only served as a subresource of another has none of its own. */
function hasPaths(kind: Kind): boolean {
  return !kind.plural.includes('/')
}

type UntaggedPath = Omit<PathItem, 'tag'>

function kindPaths(kind: Kind, id: string): UntaggedPath[] {
  const root = rootPath(kind.group, kind.version)
  const scope = kind.namespaced ? `${root}/namespaces/{namespace}` : root
  const scopeParameters = kind.namespaced ? [namespaceParameter, pretty] : [pretty]
  const name = `${kind.namespaced ? 'Namespaced' : ''}${kind.kind}`
  const context: Context = {
    kind,
    id,
    name,
    gvk: { group: kind.group, version: kind.version, kind: kind.kind },
  }
  const item = `${scope}/${kind.plural}/{name}`
  const itemParameters = [nameParameter(kind.kind), ...scopeParameters]
  const paths: UntaggedPath[] = [
    {
      path: `${scope}/${kind.plural}`,
      parameters: scopeParameters,
      operations: collectionOperations(context),
    },
    { path: item, parameters: itemParameters, operations: itemOperations(context) },
    ...kind.subresources.map((sub) => ({
      path: `${item}/${sub.name}`,
      parameters: [nameParameter(subresourceSubject(kind, sub)), ...scopeParameters],
      operations: subresourceOperations(context, sub),
    })),
    ...(kind.namespaced && kind.verbs.includes('list')
      ? [{ path: `${root}/${kind.plural}`, parameters: [pretty], operations: [listEverywhere(context)] }]
      : []),
    ...watchPaths(context, itemParameters),
  ]
  return paths.filter(({ operations }) => operations.length > 0)
}

interface Context {
  kind: Kind
  id: string
  /** `NamespacedImageStream`, or `Image`. */
  name: string
  gvk: GroupVersionKind
}

function subresourceSubject(kind: Kind, sub: Subresource): string {
  return sub.schema === undefined ? kind.kind : sub.kind
}

function listOperation({ kind, id, gvk }: Context, name: string): Operation {
  const canWatch = kind.verbs.includes('watch')
  return {
    method: 'get',
    operationId: `list${id}${name}`,
    description: `list ${canWatch ? 'or watch ' : ''}objects of kind ${kind.kind}`,
    action: 'list',
    target: gvk,
    parameters: listParameters,
    responses: { 200: listName(kind) },
    canWatch: true,
  }
}

function listEverywhere(context: Context): Operation {
  return listOperation(context, `${context.kind.kind}ForAllNamespaces`)
}

function collectionOperations(context: Context): Operation[] {
  const { kind, id, name, gvk } = context
  const own = kind.schemaName
  const create: Operation = {
    method: 'post',
    operationId: `create${id}${name}`,
    description: `create ${article(kind.kind)} ${kind.kind}`,
    action: 'post',
    target: gvk,
    parameters: writeParameters,
    body: { schema: own, required: true },
    responses: { 200: own, 201: own, 202: own },
  }
  const deleteAll: Operation = {
    method: 'delete',
    operationId: `delete${id}Collection${name}`,
    description: `delete collection of ${kind.kind}`,
    action: 'deletecollection',
    target: gvk,
    parameters: deleteCollectionParameters,
    body: { schema: `${metaPackage}.DeleteOptions`, required: false },
    responses: { 200: status },
  }
  return pick(kind.verbs, [
    ['list', listOperation(context, name)],
    ['create', create],
    ['deletecollection', deleteAll],
  ])
}

function pick(verbs: readonly Verb[], all: readonly (readonly [Verb, Operation])[]): Operation[] {
  return all.filter(([verb]) => verbs.includes(verb)).map(([, operation]) => operation)
}

function itemOperations({ kind, id, name, gvk }: Context): Operation[] {
  const remove: Operation = {
    method: 'delete',
    operationId: `delete${id}${name}`,
    description: `delete ${article(kind.kind)} ${kind.kind}`,
    action: 'delete',
    target: gvk,
    parameters: deleteParameters,
    body: { schema: `${metaPackage}.DeleteOptions`, required: false },
    responses: { 200: status, 202: status },
  }
  const about = (word: string) => `${word} the specified ${kind.kind}`
  return pick(kind.verbs, [
    ['get', readOperation(`read${id}${name}`, about('read'), gvk, kind.schemaName)],
    ['update', replaceOperation(`replace${id}${name}`, about('replace'), gvk, kind.schemaName)],
    ['delete', remove],
    ['patch', patchOperation(`patch${id}${name}`, about('partially update'), gvk, kind.schemaName)],
  ])
}

function readOperation(
  operationId: string,
  description: string,
  target: GroupVersionKind,
  schema: string,
): Operation {
  return {
    method: 'get',
    operationId,
    description,
    action: 'get',
    target,
    parameters: [],
    responses: { 200: schema },
  }
}

function replaceOperation(
  operationId: string,
  description: string,
  target: GroupVersionKind,
  schema: string,
): Operation {
  return {
    method: 'put',
    operationId,
    description,
    action: 'put',
    target,
    parameters: writeParameters,
    body: { schema, required: true },
    responses: { 200: schema, 201: schema },
  }
}

function patchOperation(
  operationId: string,
  description: string,
  target: GroupVersionKind,
  schema: string,
): Operation {
  return {
    method: 'patch',
    operationId,
    description,
    action: 'patch',
    target,
    parameters: patchParameters,
    body: { schema: plainTypeNames.patch, required: true, isPatch: true },
    responses: { 200: schema, 201: schema },
  }
}

function subresourceOperations({ kind, id, name }: Context, sub: Subresource): Operation[] {
  const target = { group: sub.group ?? kind.group, version: sub.version ?? kind.version, kind: sub.kind }
  const schema = subresourceSchema(kind, sub)
  const suffix = `${id}${name}${capitalized(sub.name)}`
  const about = (word: string) => `${word} ${sub.name} of the specified ${kind.kind}`
  const isList = sub.kind.endsWith('List')
  const read = readOperation(`read${suffix}`, about('read'), target, schema)
  const create: Operation = {
    method: 'post',
    operationId: `create${suffix}`,
    description: about('create'),
    action: 'post',
    target,
    parameters: writeParameters,
    body: { schema, required: true },
    responses: { 200: schema, 201: schema, 202: schema },
  }
  return pick(sub.verbs, [
    ['get', isList ? { ...read, parameters: listParameters } : read],
    ['update', replaceOperation(`replace${suffix}`, about('replace'), target, schema)],
    ['create', create],
    ['patch', patchOperation(`patch${suffix}`, about('partially update'), target, schema)],
  ])
}

function subresourceSchema(kind: Kind, sub: Subresource): string {
  const named = sub.schema as { schemaName?: string } | undefined
  if (named === undefined) return kind.schemaName
  return named.schemaName ?? `${packageOf(kind.schemaName)}.${sub.kind}`
}

/** The old way to watch: paths of their own. */
function watchPaths({ kind, id, name, gvk }: Context, itemParameters: readonly Parameter[]): UntaggedPath[] {
  if (!kind.verbs.includes('watch') || !kind.verbs.includes('list')) return []
  const root = `${rootPath(kind.group, kind.version)}/watch`
  const scope = kind.namespaced ? `${root}/namespaces/{namespace}` : root
  const operation = (operationId: string, action: string, description: string): Operation => ({
    method: 'get',
    operationId,
    description,
    action,
    target: gvk,
    parameters: listParameters,
    responses: { 200: watchEvent },
    canWatch: true,
  })
  const listText = `watch individual changes to a list of ${kind.kind}. deprecated: use the 'watch' parameter with a list operation instead.`
  const itemText = `watch changes to an object of kind ${kind.kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`
  const list = operation(`watch${id}${name}List`, 'watchlist', listText)
  const everywhere = operation(`watch${id}${kind.kind}ListForAllNamespaces`, 'watchlist', listText)
  const item = operation(`watch${id}${name}`, 'watch', itemText)
  return [
    { path: `${scope}/${kind.plural}`, parameters: itemParameters.slice(1), operations: [list] },
    { path: `${scope}/${kind.plural}/{name}`, parameters: itemParameters, operations: [item] },
    ...(kind.namespaced
      ? [{ path: `${root}/${kind.plural}`, parameters: [pretty], operations: [everywhere] }]
      : []),
  ]
}

/** Parameters that every operation of the path has stand at the path: all of them where there is one operation. */
export function hoistParameters({ operations, parameters }: PathItem): {
  common: Parameter[]
  own(operation: Operation): Parameter[]
} {
  const [first, ...others] = operations
  const shared = (first?.parameters ?? []).filter((one) =>
    others.every(({ parameters: p }) => p.includes(one)),
  )
  const common = [...parameters, ...shared].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { common, own: (operation) => operation.parameters.filter((one) => !shared.includes(one)) }
}
