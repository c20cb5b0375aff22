import type { Image, ImageStream, ImageStreamTag } from '../../api/image/index.ts'
import { imageApiVersion, imageStreamTags } from '../../api/image/index.ts'
import {
  formatStreamTagName,
  imageOfTag,
  microsText,
  momentForm,
  type PastState,
  parseMoment,
  stateAt,
  streamTagResource,
} from '../../image/index.ts'
import { type ApiError, badRequest, notFound } from '../../machinery/errors.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { readPast, readTagRecords } from './read-past.ts'
import type { StreamAccess } from './stream-access.ts'

/** On an image stream tag that was read as of a time: which, and the record that tells. */
export const asOfAnnotation = 'weir.dev/as-of'
export const tagEventAnnotation = 'weir.dev/tag-event'

/**
 * An image stream tag as it was (`?at=` of a get). Its `tag` is null: what the spec said then is not kept. BadRequest for what
 * is no time; NotFound, with the reason, where the tag stood for no image then, or the image is gone.
 */
export async function readStreamTagAt(
  parts: { namespace: string; stream: string; tag: string },
  at: string,
  deps: ImageEndpointDeps,
  access: StreamAccess,
): Promise<ImageStreamTag> {
  const now = deps.clock()
  const time = parseMoment(at, now)
  if (time === undefined) throw badRequest(`at: Invalid value: "${at}": must be ${momentForm}`)
  if (time > now.getTime()) throw badRequest(`at: Invalid value: "${at}": lies in the future`)
  const found = await access.find(parts.namespace, parts.stream)
  const state = await findState(found?.stream, parts, time * 1000, deps)
  const name = formatStreamTagName(parts.stream, parts.tag)
  const then = microsText(time * 1000)
  if (state.kind !== 'state') throw gone(name, absence(state, then))
  if (state.state.image === '') {
    throw gone(name, `at ${then} it was a mere reference to ${state.state.dockerImageReference}`)
  }
  const image = await access.image(state.state.image)
  if (image === undefined) throw gone(name, `at ${then} it was ${state.state.image}, which was pruned since`)
  return toView(parts.namespace, name, state, image, then)
}

/** Mostly one record is all there is to read. */
async function findState(
  stream: ImageStream | undefined,
  parts: { namespace: string; stream: string; tag: string },
  micros: number,
  deps: ImageEndpointDeps,
): Promise<PastState> {
  const range = { until: micros, limit: 1 }
  const records = await readTagRecords(parts.namespace, parts.stream, parts.tag, range, deps)
  const past = records.length > 0 ? { records, items: [] } : await readPast(stream, parts, deps)
  return stateAt(past, micros)
}

function absence(state: Exclude<PastState, { kind: 'state' }>, then: string): string {
  if (state.kind === 'absent') return `at ${then} it stood for no image`
  const begins = state.begins === undefined ? '' : `, its history begins at ${microsText(state.begins)}`
  return `what it was at ${then} is not known${begins}`
}

function gone(name: string, why: string): ApiError {
  const error = notFound(streamTagResource, name)
  error.message = `${error.message}: ${why}`
  return error
}

function toView(
  namespace: string,
  name: string,
  { state, since, generation, record }: Extract<PastState, { kind: 'state' }>,
  image: Image,
  then: string,
): ImageStreamTag {
  return {
    kind: imageStreamTags.kind,
    apiVersion: imageApiVersion,
    metadata: {
      name,
      namespace,
      creationTimestamp: microsText(since),
      annotations: {
        [asOfAnnotation]: then,
        ...(record === undefined ? {} : { [tagEventAnnotation]: record }),
      },
    },
    tag: null,
    generation,
    lookupPolicy: { local: false },
    image: imageOfTag(image, state.image, state.dockerImageReference, null),
  }
}
