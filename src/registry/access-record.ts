import type { ResourceAction } from '../access/access.ts'
import { parseRepository } from './repository.ts'
import type { Route } from './route.ts'

/** What a request asks to do, in the words of the registry's challenge, and the questions that answers it (B-15 ff.). */
export interface AccessRecord {
  type: 'repository' | 'registry' | 'signature' | 'admin' | 'metrics'
  name: string
  action: string
  /** The question for the authorizer. */
  asks: ResourceAction
}

const imageGroup = 'image.openshift.io'

function ask(
  verb: string,
  resource: string,
  subresource = '',
  where: { namespace?: string; name?: string } = {},
): ResourceAction {
  const group = resource === 'registry' ? '' : imageGroup
  return { kind: 'resource', verb, group, resource, subresource, namespace: '', name: '', ...where }
}

function layers(verb: 'get' | 'update', name: string): ResourceAction {
  const repository = parseRepository(name)
  return ask(verb, 'imagestreams', 'layers', {
    namespace: repository?.namespace ?? '',
    name: repository?.stream ?? '',
  })
}

export const pullRecord = (name: string): AccessRecord => ({
  type: 'repository',
  name,
  action: 'pull',
  asks: layers('get', name),
})

export const pushRecord = (name: string): AccessRecord => ({
  type: 'repository',
  name,
  action: 'push',
  asks: layers('update', name),
})

function deleteRecord(name: string, asks: ResourceAction): AccessRecord {
  return { type: 'repository', name, action: 'delete', asks }
}

function repositoryRecords(method: string, name: string): AccessRecord[] {
  return method === 'GET' || method === 'HEAD' ? [pullRecord(name)] : [pullRecord(name), pushRecord(name)]
}

function signatureRecord(method: string, name: string): AccessRecord {
  const repository = parseRepository(name)
  const isRead = method === 'GET'
  const asks = isRead
    ? layers('get', name)
    : ask('create', 'imagesignatures', '', { namespace: repository?.namespace ?? '' })
  return { type: 'signature', name, action: isRead ? 'get' : 'put', asks }
}

/** The records of a request, in the order in which a challenge lists them (registry.md §12.3). */
export function accessRecords(method: string, route: Route): AccessRecord[] {
  switch (route.kind) {
    case 'health':
    case 'token':
    case 'ping':
      return []
    case 'catalog':
      return [{ type: 'registry', name: 'catalog', action: '*', asks: ask('list', 'imagestreams') }]
    case 'metrics':
      return [{ type: 'metrics', name: 'metrics', action: 'get', asks: ask('get', 'registry', 'metrics') }]
    case 'admin-blob':
    case 'admin-removals':
      return [{ type: 'admin', name: '', action: 'prune', asks: ask('delete', 'images') }]
    case 'signatures':
      return [signatureRecord(method, route.name), ...repositoryRecords(method, route.name)]
    case 'upload':
      if (method === 'DELETE') return [deleteRecord(route.name, layers('update', route.name))]
      return repositoryRecords(method, route.name)
    case 'manifest':
    case 'blob':
      if (method === 'DELETE') return [deleteRecord(route.name, ask('delete', 'images'))]
      return repositoryRecords(method, route.name)
    default:
      return repositoryRecords(method, route.name)
  }
}

/** `detail` of UNAUTHORIZED: null where nothing was requested. */
export function recordsDetail(records: readonly AccessRecord[]): unknown {
  if (records.length === 0) return null
  return records.map(({ type, name, action }) => ({ Type: type, Class: '', Name: name, Action: action }))
}
