import type { ToldMove } from './told-move.ts'

/** A CloudEvent 1.0 in JSON, data and all (structured mode). */
export type CloudEvent = Readonly<Record<string, unknown>> & {
  specversion: '1.0'
  id: string
  source: string
  type: string
}

export const movedType = 'dev.weir.imagestream.tag.moved'
export const deletedType = 'dev.weir.imagestream.tag.deleted'

/** What other servers are told about a move. `source` is the path of the stream, `subject` the tag by its usual name. */
export function toCloudEvent({ id, time, namespace, stream, tag, ...move }: ToldMove): CloudEvent {
  const { before, after, cause, subject, message } = move
  return {
    specversion: '1.0',
    id,
    source: `/apis/image.openshift.io/v1/namespaces/${namespace}/imagestreams/${stream}`,
    type: after === undefined ? deletedType : movedType,
    subject: tag === '' ? stream : `${stream}:${tag}`,
    time,
    datacontenttype: 'application/json',
    data: {
      namespace,
      stream,
      ...(tag === '' ? {} : { tag }),
      ...(after === undefined
        ? {}
        : { image: after.image, dockerImageReference: after.dockerImageReference }),
      ...(before === undefined ? {} : { before }),
      cause,
      by: subject,
      ...(message === undefined || message === '' ? {} : { message }),
    },
  }
}
