import { type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import { formatExact } from '../../oci/index.ts'
import type { CommandContext } from '../command.ts'
import type { Parsed } from '../parse/flags.ts'
import { imageApiVersion, imageStreams, imageStreamTags, typedAccept } from '../resources/image-api.ts'
import type { StreamObject, TagSpec } from '../resources/image-types.ts'
import { retryOnConflict } from '../resources/retry.ts'
import { nameString, type Source } from './tag-source.ts'

/** The requests of cli.md §1.3. */

export interface TagRequest {
  source: Source
  namespace: string
  /** Namespace of the destination. */
  destination: string
  name: string
  tag: string
}

function toFrom({ source, namespace, destination }: TagRequest): Record<string, string> {
  if (source.kind === 'DockerImage') return { kind: source.kind, name: formatExact(source.reference) }
  const from = source.reference.namespace || (destination === namespace ? '' : namespace)
  return {
    kind: source.kind,
    ...(from === '' ? {} : { namespace: from }),
    name: nameString(source.reference),
  }
}

/** The tag of the stream's spec that is wanted; a null generation lets the server count. */
function toTagSpec(request: TagRequest, flags: Parsed): Record<string, unknown> {
  const local = flags.string('reference-policy') === 'local'
  return {
    name: request.tag,
    annotations: null,
    from: toFrom(request),
    ...(flags.bool('reference') ? { reference: true } : {}),
    generation: request.source.kind === 'DockerImage' ? 0 : null,
    importPolicy: {
      ...(flags.bool('insecure') ? { insecure: true } : {}),
      ...(flags.bool('scheduled') ? { scheduled: true } : {}),
      importMode: flags.string('import-mode') || 'Legacy',
    },
    referencePolicy: { type: local ? 'Local' : 'Source' },
  }
}

export async function writeTag(context: CommandContext, request: TagRequest): Promise<void> {
  const rest = await context.session.rest()
  const spec = toTagSpec(request, context.flags)
  await retryOnConflict(() => writeOnce(rest, request, spec))
}

function isRefused(error: unknown, codes: readonly number[]): boolean {
  return isApiError(error) && codes.includes(error.code)
}

async function writeOnce(rest: Rest, request: TagRequest, spec: Record<string, unknown>): Promise<void> {
  const full = `${request.name}:${request.tag}`
  const body = {
    kind: 'ImageStreamTag',
    apiVersion: imageApiVersion,
    metadata: { name: full, namespace: request.destination },
    tag: spec,
    generation: 0,
    lookupPolicy: { local: false },
    image: { metadata: {}, dockerImageMetadata: null },
  }
  const send = (method: string, path: string) => rest.request({ method, path, body, accept: typedAccept })
  try {
    await send('PUT', resourcePath(imageStreamTags, request.destination, full))
    return
  } catch (error) {
    // Older servers create with POST only, the oldest know no tags at all.
    if (!isRefused(error, [403, 404, 405])) throw error
  }
  try {
    await send('POST', resourcePath(imageStreamTags, request.destination))
    return
  } catch (error) {
    if (!isRefused(error, [403, 405])) throw error
  }
  await writeStream(rest, request, spec as unknown as TagSpec)
}

async function writeStream(rest: Rest, request: TagRequest, spec: TagSpec): Promise<void> {
  const path = resourcePath(imageStreams, request.destination, request.name)
  let stream: StreamObject
  try {
    stream = await rest.json<StreamObject>({ method: 'GET', path, accept: typedAccept })
  } catch (error) {
    if (!isRefused(error, [404])) throw error
    const body = {
      kind: 'ImageStream',
      apiVersion: imageApiVersion,
      metadata: { name: request.name },
      spec: { lookupPolicy: { local: false }, tags: [spec] },
      status: { dockerImageRepository: '' },
    }
    await rest.request({
      method: 'POST',
      path: resourcePath(imageStreams, request.destination),
      body,
      accept: typedAccept,
    })
    return
  }
  await rest.request({ method: 'PUT', path, body: withTag(stream, spec), accept: typedAccept })
}

/** Pure: the stream with the tag replaced or added. An old tag that was never counted asks for a new import. */
export function withTag(stream: StreamObject, spec: TagSpec): StreamObject {
  const tags = stream.spec?.tags ?? []
  const old = tags.find((tag) => tag.name === spec.name)
  const next = old === undefined ? [...tags, spec] : tags.map((tag) => (tag === old ? spec : tag))
  const uncounted = old !== undefined && (old.generation ?? null) === null
  const { 'openshift.io/image.dockerRepositoryCheck': _, ...annotations } = stream.metadata.annotations ?? {}
  return {
    ...stream,
    metadata: uncounted ? { ...stream.metadata, annotations } : stream.metadata,
    spec: {
      ...stream.spec,
      tags: uncounted ? next.map((tag) => (tag === spec ? { ...spec, generation: null } : tag)) : next,
    },
  }
}
