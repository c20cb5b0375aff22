import { resourcePath } from '../../client/index.ts'
import { visible } from '../io.ts'
import type { Session } from '../session.ts'

const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'
/** More would scroll a terminal away, and be slow to ask for. */
const most = 500

/** Types that can be read, by their plural and short names. */
export async function listTypes(session: Session): Promise<string[]> {
  const { resources } = await session.discovery.get()
  return resources
    .filter(({ verbs }) => verbs.includes('get'))
    .flatMap(({ plural, shortNames }) => [plural, ...shortNames])
}

/** Names of a type, the first 500 of them; of a type that can't be listed none. */
export async function listNames(session: Session, type: string, namespace: string): Promise<string[]> {
  const resource = await session.resource(type)
  const rest = await session.rest()
  const { items = [] } = await rest.json<{ items?: { metadata?: { name?: string } }[] }>({
    method: 'GET',
    path: resourcePath(resource, namespace || (await session.namespace())),
    query: { limit: most },
    accept: metadataOnly,
    signal: AbortSignal.timeout(3000),
  })
  return items.flatMap(({ metadata }) => (metadata?.name === undefined ? [] : [visible(metadata.name)]))
}
