import type { RepeatJob } from './load-job.ts'
import { namespace } from './measurement.ts'

const group = 'image.openshift.io/v1'
const json = { 'Content-Type': 'application/json' }

type Request = RepeatJob['requests'][number]

export function streamsPath(inNamespace: string): string {
  return `/apis/${group}/namespaces/${inNamespace}/imagestreams`
}

export function createNamespace(name: string): Request {
  const body = JSON.stringify({ kind: 'Namespace', apiVersion: 'v1', metadata: { name } })
  return { method: 'POST', path: '/api/v1/namespaces', headers: json, body }
}

export function createStream(inNamespace: string, name: string): Request {
  const body = JSON.stringify({ kind: 'ImageStream', apiVersion: group, metadata: { name } })
  return { method: 'POST', path: streamsPath(inNamespace), headers: json, body }
}

/** Points the tag at an image of the stream `from`: the tag is created or moved. */
export function putTag(stream: string, tag: string, from: string, digest: string): Request {
  const source = { kind: 'ImageStreamImage', name: `${from}@${digest}` }
  const body = JSON.stringify({
    kind: 'ImageStreamTag',
    apiVersion: group,
    metadata: { name: `${stream}:${tag}`, namespace },
    tag: { name: tag, from: source },
  })
  const path = `/apis/${group}/namespaces/${namespace}/imagestreamtags/${stream}:{n}`.replace('{n}', tag)
  return { method: 'PUT', path, headers: json, body }
}
