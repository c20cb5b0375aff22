import type { Authorize, Subject } from '../access/access.ts'
import { projectAdminBinding } from '../access/index.ts'
import type { Client, WatchEvent } from '../client/client.ts'
import {
  ApiError,
  alreadyExists,
  type FieldError,
  forbidden,
  invalid,
  isApiError,
  type Status,
} from '../machinery/errors.ts'
import { validateObjectMetaUpdate } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { resourceAction } from '../resources/authorized.ts'
import type { Endpoint, WatchRequest } from '../resources/endpoint.ts'
import { withTypeMeta } from '../resources/object-codec.ts'
import { metaErrors } from '../resources/write-strategy.ts'

/** Projects are namespaces as those see them who may read them (auth.md §8, U-71 to U-73). */

export interface ProjectDeps {
  kinds: readonly Kind[]
  client: Client
  authorize: Authorize
  /** Makes what every project has, service accounts and role bindings; resolves when the requester may use it. */
  prepare(namespace: string, requester: Subject): Promise<void>
  /** What a user hears who may not request projects; undefined: the usual words. */
  requestMessage: string | undefined
}

interface NamespaceObject extends KubeObject {
  spec?: { finalizers?: string[] }
  status?: { phase?: string }
}

interface ProjectRequestObject extends KubeObject {
  displayName?: string
  description?: string
}

const group = 'project.openshift.io'
const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }

export function createProjectEndpoints(deps: ProjectDeps): Endpoint[] {
  const kindOf = (wanted: string, plural: string) =>
    deps.kinds.find((kind) => kind.group === wanted && kind.plural === plural)
  const projects = kindOf(group, 'projects')
  const requests = kindOf(group, 'projectrequests')
  const namespaces = kindOf('', 'namespaces')
  const bindings = kindOf('rbac.authorization.k8s.io', 'rolebindings')
  if (!projects || !requests || !namespaces || !bindings) return []
  return [
    createProjectsEndpoint(projects, namespaces, deps),
    createRequestsEndpoint(requests, projects, namespaces, bindings, deps),
  ]
}

function canSee(subject: Subject, name: string, authorize: Authorize) {
  return authorize(
    subject,
    resourceAction({ verb: 'get', group: '', resource: 'namespaces', namespace: name, name }),
  )
}

function toProject(kind: Kind, namespace: KubeObject): KubeObject {
  const { kind: _kind, apiVersion: _version, ...rest } = namespace
  return withTypeMeta(kind, rest as KubeObject)
}

function bare({ kind: _kind, apiVersion: _version, ...rest }: KubeObject): KubeObject {
  return rest as KubeObject
}

function createProjectsEndpoint(kind: Kind, namespaces: Kind, deps: ProjectDeps): Endpoint {
  const { client, authorize } = deps
  return {
    kind,
    async get({ name }) {
      return toProject(kind, await client.get(namespaces, '', name))
    },
    async list({ caller, options }) {
      const { limit: _limit, continue: _continue, ...selectors } = options
      const { items } = await client.list(namespaces, '', selectors)
      const seen = await Promise.all(
        items.map(({ metadata }) => canSee(caller, metadata.name ?? '', authorize)),
      )
      // No resourceVersion (r555): what is visible changes with roles, too.
      return { metadata: {}, items: items.filter((_, index) => seen[index]?.allowed) }
    },
    async watch(request) {
      return visibleEvents(kind, namespaces, request, deps)
    },
    async create({ object, dryRun }) {
      requireValid(kind, object, projectErrors(kind, object))
      const { namespace: _namespace, ...metadata } = object.metadata
      return toProject(kind, await client.create(namespaces, '', { metadata }, { dryRun }))
    },
    async update(request) {
      const current = toProject(kind, await client.get(namespaces, '', request.name))
      const next = placed(request.transform(current), current)
      requireValid(kind, next, [
        ...validateObjectMetaUpdate(next.metadata, current.metadata),
        ...(kind.hooks.validateUpdate?.(next, current) ?? []),
      ])
      const updated = await client.update(namespaces, '', bare(next), { dryRun: request.dryRun })
      return { object: toProject(kind, updated), created: false }
    },
    async delete({ name, options }) {
      await client.delete(namespaces, '', name, options)
      return success
    },
  }
}

/** What is wrong with a new project, by its metadata and by what it says to people. */
function projectErrors(kind: Kind, project: KubeObject): FieldError[] {
  return [...metaErrors(kind, project), ...(kind.hooks.validateCreate?.(project) ?? [])]
}

function requireValid(kind: Kind, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(kind, object.metadata.name ?? '', errors)
}

/** With the fields of the system as they are, where the body leaves them out or may not say them. */
function placed(next: KubeObject, current: KubeObject): KubeObject {
  const { namespace: _namespace, ...sent } = next.metadata
  const { uid, creationTimestamp, deletionTimestamp, generation } = current.metadata
  const system = { uid: sent.uid || uid, creationTimestamp, deletionTimestamp, generation }
  const { spec, status } = current as KubeObject & { spec?: unknown; status?: unknown }
  const known = Object.fromEntries(Object.entries(system).filter(([, value]) => value !== undefined))
  return { ...next, metadata: { ...sent, ...known }, spec, status } as KubeObject
}

/**
 * Projects that the caller sees as his watch begins. Who could see one is told that it is gone, though the roles that let him
 * see it go before it does.
 */
async function visibleNow(
  namespaces: Kind,
  caller: WatchRequest['caller'],
  { fieldSelector }: WatchRequest['options'],
  { client, authorize }: Pick<ProjectDeps, 'client' | 'authorize'>,
): Promise<Set<string>> {
  const { items } = await client.list(namespaces, '', fieldSelector === undefined ? {} : { fieldSelector })
  const seen = new Set<string>()
  for (const { metadata } of items) {
    const name = metadata.name ?? ''
    if ((await canSee(caller, name, authorize)).allowed) seen.add(name)
  }
  return seen
}

async function* visibleEvents(
  kind: Kind,
  namespaces: Kind,
  { caller, options }: WatchRequest,
  { client, authorize }: ProjectDeps,
): AsyncGenerator<WatchEvent> {
  const known = await visibleNow(namespaces, caller, options, { client, authorize })
  for await (const event of client.watch(namespaces, '', options)) {
    if (event.type === 'ERROR') {
      yield event
      continue
    }
    const project = toProject(kind, event.object)
    const name = project.metadata.name ?? ''
    if (event.type === 'BOOKMARK') yield { type: 'BOOKMARK', object: project }
    else if (event.type === 'DELETED') {
      if (known.delete(name) || (await canSee(caller, name, authorize)).allowed)
        yield { type: 'DELETED', object: project }
    } else if ((await canSee(caller, name, authorize)).allowed) {
      known.add(name)
      yield { type: event.type, object: project }
    }
  }
}

/** In the words that the administrator chose, which tell whom to ask instead. */
function mayNotRequest(message: string | undefined): ApiError {
  const details =
    message === undefined
      ? { group, kind: 'projectrequest' }
      : { kind: 'ProjectRequest', causes: [{ message }] }
  return new ApiError(403, 'Forbidden', message ?? 'You may not request a new project via this API.', {
    details,
  })
}

/** Names that only the cluster's own administrators may take. */
const reserved = /^(openshift|kubernetes|kube)(-|$)/

function createRequestsEndpoint(
  kind: Kind,
  projects: Kind,
  namespaces: Kind,
  bindings: Kind,
  deps: ProjectDeps,
): Endpoint {
  const { client, authorize } = deps
  const mayRequest = resourceAction({ verb: 'create', group, resource: 'projectrequests' })
  return {
    kind,
    /** "May I request a project?": a Status, not a list (r556). */
    async list({ caller }) {
      const { allowed } = await authorize(caller, mayRequest)
      if (!allowed) throw mayNotRequest(deps.requestMessage)
      return success
    },
    async create({ caller, object, dryRun }) {
      const { metadata, displayName = '', description = '' } = object as ProjectRequestObject
      const { name = '' } = metadata
      requireValid(kind, object, metaErrors(kind, object))
      await requireFreeName(caller, name, authorize)
      const namespace: NamespaceObject = {
        metadata: {
          name,
          labels: metadata.labels,
          annotations: {
            ...metadata.annotations,
            'openshift.io/description': description,
            'openshift.io/display-name': displayName,
            'openshift.io/requester': caller.name,
          },
        },
      }
      requireValid(projects, namespace, projectErrors(projects, namespace))
      const created = await createNamespace(namespaces, namespace, client, dryRun)
      if (!dryRun) {
        await client.create(bindings, name, projectAdminBinding(name, caller.name) as KubeObject)
        await deps.prepare(name, caller)
      }
      return toProject(projects, created)
    },
  }
}

async function requireFreeName(caller: Subject, name: string, authorize: Authorize): Promise<void> {
  if (!reserved.test(name)) return
  const decision = await authorize(
    caller,
    resourceAction({ verb: 'create', group: '', resource: 'namespaces', name }),
  )
  if (decision.allowed) return
  throw forbidden({ group, resource: 'project' }, name, `cannot request a project with the name "${name}"`)
}

async function createNamespace(
  namespaces: Kind,
  namespace: NamespaceObject,
  client: Client,
  dryRun: boolean,
): Promise<KubeObject> {
  try {
    return await client.create(namespaces, '', namespace, { dryRun })
  } catch (error) {
    const name = namespace.metadata.name ?? ''
    if (isApiError(error, 'AlreadyExists')) throw alreadyExists({ group, resource: 'project' }, name)
    throw error
  }
}
