import { type ApiResource, findKind } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { BareError, CliError } from '../errors.ts'
import type { Session } from '../session.ts'
import type { Wanted } from './arguments.ts'
import type { SourcedObject } from './files.ts'
import { withGroup } from './legacy-groups.ts'

export interface MappedObject extends SourcedObject {
  resource: ApiResource
  /** '' for cluster-scoped ones. */
  namespace: string
}

/** The type and namespace of an object from a file (cli.md §7.1). */
export async function mapObject(
  session: Session,
  sourced: SourcedObject,
  program: string,
): Promise<MappedObject> {
  const { source } = sourced
  const object = program === 'oc' ? sourced.object : withGroup(sourced.object)
  const { apiVersion = '', kind = '' } = object
  const resource = await session.discovery.find((discovered) => findKind(discovered, apiVersion, kind))
  if (resource === undefined) throw noMapping(object, source)
  if (!resource.namespaced) return { object, source, resource, namespace: '' }
  const { namespace, namespaceGiven } = await session.target()
  const own = object.metadata.namespace
  if (own && namespaceGiven && own !== namespace) {
    throw new CliError(
      `the namespace from the provided object ${JSON.stringify(own)} does not match the namespace ${JSON.stringify(namespace)}. You must pass '--namespace=${own}' to perform this operation.`,
    )
  }
  const where = own || namespace
  return {
    object: { ...object, metadata: { ...object.metadata, namespace: where } },
    source,
    resource,
    namespace: where,
  }
}

function noMapping({ metadata, apiVersion = '', kind = '' }: KubeObject, source: string): BareError {
  return new BareError(
    `error: resource mapping not found for name: ${JSON.stringify(metadata.name ?? '')} namespace: ${JSON.stringify(metadata.namespace ?? '')} from ${JSON.stringify(source)}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}\nensure CRDs are installed first`,
  )
}

/** Names to read, from objects in files. */
export async function targetsOf(
  session: Session,
  objects: readonly SourcedObject[],
  program: string,
): Promise<Wanted[]> {
  const wanted: Wanted[] = []
  for (const sourced of objects) {
    const { resource, object } = await mapObject(session, sourced, program)
    wanted.push({ resource, ...(object.metadata.name === undefined ? {} : { name: object.metadata.name }) })
  }
  return wanted
}
