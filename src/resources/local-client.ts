import type { Authorize, Subject } from '../access/access.ts'
import type {
  Client,
  DeleteOptions,
  ListOptions,
  OnRecord,
  ReadOptions,
  WriteOptions,
} from '../client/client.ts'
import { badRequest, methodNotAllowed, pathNotFound } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeList, KubeObject } from '../machinery/object.ts'
import { requireAllowed, resourceAction } from './authorized.ts'
import { decodeBody, type KnowsKind } from './decode-body.ts'
import { type Endpoint, endpointPath } from './endpoint.ts'
import { patchRequest } from './patch-request.ts'

function onRecord({ onBehalfOf, cause }: OnRecord): OnRecord {
  return {
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(cause === undefined ? {} : { cause }),
  }
}

export interface LocalClientDeps {
  endpoints: ReadonlyMap<string, Endpoint>
  knowsKind: KnowsKind
  subject: Subject
  /** Absent: the program's own identity, which may do everything. */
  authorize?: Authorize
  clock: () => Date
}

/** Whom fields belong to that the program changes on its own; what it makes belongs to nobody. */
const ownManager = 'weir'

/**
 * The Client of everything that runs inside: it calls the endpoints directly, as the wire does (design.md §2.10), with the
 * same decoding, the same authorisation and the same errors.
 */
export function createLocalClient(deps: LocalClientDeps): Client {
  const { subject } = deps

  const open = async (
    kind: Kind,
    verb: string,
    namespace: string,
    name: string,
    subresource = '',
  ): Promise<Endpoint> => {
    const { group, version, plural: resource } = kind
    if (deps.authorize !== undefined) {
      const action = resourceAction({ verb, group, resource, subresource, namespace, name })
      await requireAllowed(deps.authorize, subject, action)
    }
    const endpoint = deps.endpoints.get(endpointPath(group, version, resource, subresource))
    if (endpoint === undefined) throw pathNotFound()
    return endpoint
  }

  const decoded = (endpoint: Endpoint, object: KubeObject, validation = 'Warn' as const) =>
    decodeBody(endpoint.bodyKind ?? endpoint.kind, object, validation, deps.knowsKind).object

  return {
    async get<T extends KubeObject>(
      kind: Kind<T>,
      namespace: string,
      name: string,
      { subresource, at }: ReadOptions = {},
    ) {
      const endpoint = await open(kind, 'get', namespace, name, subresource)
      if (endpoint.get === undefined) throw methodNotAllowed()
      const request = { caller: subject, namespace, name, ...(at === undefined ? {} : { at }) }
      return (await endpoint.get(request)) as T
    },

    async list<T extends KubeObject>(kind: Kind<T>, namespace: string, options: ListOptions = {}) {
      const endpoint = await open(kind, 'list', namespace, '')
      if (endpoint.list === undefined) throw methodNotAllowed()
      return (await endpoint.list({ caller: subject, namespace, options })) as KubeList<T>
    },

    async *watch(kind, namespace, options = {}) {
      const endpoint = await open(kind, 'watch', namespace, '')
      if (endpoint.watch === undefined) throw methodNotAllowed()
      yield* (await endpoint.watch({ caller: subject, namespace, options })) as AsyncIterable<never>
    },

    async create<T extends KubeObject>(
      kind: Kind<T>,
      namespace: string,
      object: T,
      options: WriteOptions & { name?: string } = {},
    ) {
      const { subresource, name = '', dryRun = false, fieldManager } = options
      const endpoint = await open(kind, 'create', namespace, name, subresource)
      if (endpoint.create === undefined) throw methodNotAllowed()
      const request = {
        caller: subject,
        namespace,
        object: decoded(endpoint, object),
        dryRun,
        ...(fieldManager === undefined ? {} : { manager: fieldManager }),
        ...onRecord(options),
      }
      return (await endpoint.create(name === '' ? request : { ...request, name })) as unknown as T
    },

    async update<T extends KubeObject>(
      kind: Kind<T>,
      namespace: string,
      object: T,
      options: WriteOptions = {},
    ) {
      const name = object.metadata.name ?? ''
      if (name === '') throw badRequest('name must be provided')
      const endpoint = await open(kind, 'update', namespace, name, options.subresource)
      if (endpoint.update === undefined) throw methodNotAllowed()
      const next = decoded(endpoint, object)
      const { object: updated } = await endpoint.update({
        caller: subject,
        namespace,
        name,
        transform: () => next,
        retryConflicts: false,
        dryRun: options.dryRun ?? false,
        manager: options.fieldManager ?? ownManager,
        ...onRecord(options),
      })
      return updated as T
    },

    async patch<T extends KubeObject>(
      kind: Kind<T>,
      namespace: string,
      name: string,
      patch: Parameters<Client['patch']>[3],
      options: WriteOptions = {},
    ) {
      const endpoint = await open(kind, 'patch', namespace, name, options.subresource)
      if (endpoint.update === undefined) throw methodNotAllowed()
      const resource = { group: kind.group, resource: kind.plural }
      const { object } = await endpoint.update({
        caller: subject,
        namespace,
        name,
        ...patchRequest(endpoint, patch, {
          name,
          namespace,
          resource,
          manager: options.fieldManager ?? ownManager,
          force: options.force ?? false,
          validation: 'Warn',
          clock: deps.clock,
          onWarnings: () => {},
          beforeCreate: async () => {
            await open(kind, 'create', namespace, name)
          },
        }),
        dryRun: options.dryRun ?? false,
        ...onRecord(options),
      })
      return object as T
    },

    async delete(kind, namespace, name, options: DeleteOptions = {}) {
      const endpoint = await open(kind, 'delete', namespace, name)
      if (endpoint.delete === undefined) throw methodNotAllowed()
      return endpoint.delete({ caller: subject, namespace, name, options, ...onRecord(options) })
    },

    async deleteCollection<T extends KubeObject>(
      kind: Kind<T>,
      namespace: string,
      selectors: ListOptions = {},
      options: DeleteOptions = {},
    ) {
      const endpoint = await open(kind, 'deletecollection', namespace, '')
      if (endpoint.deleteCollection === undefined) throw methodNotAllowed()
      const request = { caller: subject, namespace, selectors, options, ...onRecord(options) }
      return (await endpoint.deleteCollection(request)) as KubeList<T>
    },
  }
}
