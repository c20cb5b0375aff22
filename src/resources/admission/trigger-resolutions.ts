import type { Authorize } from '../../access/access.ts'
import { imageStreams } from '../../api/image/index.ts'
import type { Client } from '../../client/client.ts'
import {
  allSources,
  decorateStream,
  formatSource,
  type RegistryHosts,
  type Resolutions,
  resolveTrigger,
  type TriggerResolution,
  type TriggerSource,
} from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Kind } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { resourceAction } from '../authorized.ts'
import type { TriggerWriters } from './trigger-writers.ts'

export interface ResolutionDeps {
  client: Client
  hosts: RegistryHosts
  writers: Pick<TriggerWriters, 'find'>
  authorize: Authorize
}

/**
 * What the tags that the object follows give it now. A tag of another namespace gives only what whoever wrote the trigger may pull
 * there, asked anew each time (threat row 14).
 */
export async function findResolutions(
  kind: Kind,
  object: KubeObject,
  deps: ResolutionDeps,
): Promise<Resolutions> {
  const answers = new Map<string, TriggerResolution>()
  for (const source of allSources(kind, object)) {
    const name = formatSource(source)
    if (!answers.has(name)) answers.set(name, await resolve(kind, object, source, deps))
  }
  return (source) => answers.get(formatSource(source)) ?? { kind: 'unresolved', why: 'no-stream' }
}

async function resolve(
  kind: Kind,
  object: KubeObject,
  source: TriggerSource,
  deps: ResolutionDeps,
): Promise<TriggerResolution> {
  const { client, hosts } = deps
  if (source.namespace !== object.metadata.namespace) {
    const why = await refusal(kind, object, source, deps)
    if (why !== undefined) return { kind: 'forbidden', why }
  }
  try {
    const stream = await client.get(imageStreams, source.namespace, source.stream)
    return resolveTrigger(decorateStream(stream, hosts), source.tag)
  } catch (error) {
    if (isApiError(error, 'NotFound')) return { kind: 'unresolved', why: 'no-stream' }
    throw error
  }
}

async function refusal(
  kind: Kind,
  object: KubeObject,
  { namespace, stream }: TriggerSource,
  { writers, authorize }: ResolutionDeps,
): Promise<string | undefined> {
  const writer = await writers.find(kind, object)
  if (writer === undefined) return 'it is not known who wrote the trigger: write it again'
  const { group, plural: resource } = imageStreams
  const action = resourceAction({
    verb: 'get',
    group,
    resource,
    subresource: 'layers',
    namespace,
    name: stream,
  })
  const { allowed } = await authorize(writer, action)
  if (allowed) return undefined
  return `${writer.name}, who wrote the trigger, may not pull from ${namespace}/${stream}`
}
