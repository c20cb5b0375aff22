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
export function putTag(
  stream: string,
  tag: string,
  from: string,
  digest: string,
  inNamespace = namespace,
): Request {
  const source = { kind: 'ImageStreamImage', name: `${from}@${digest}`, namespace: inNamespace }
  const body = JSON.stringify({
    kind: 'ImageStreamTag',
    apiVersion: group,
    metadata: { name: `${stream}:${tag}`, namespace: inNamespace },
    tag: { name: tag, from: source },
  })
  const path = `/apis/${group}/namespaces/${inNamespace}/imagestreamtags/${stream}:{n}`.replace('{n}', tag)
  return { method: 'PUT', path, headers: json, body }
}

/** A deployment whose container follows the tag, labelled `follows=<stream>-<tag>`; it has no image yet. */
export function createFollower(inNamespace: string, name: string, stream: string, tag: string): Request {
  const triggers = [
    {
      from: { kind: 'ImageStreamTag', name: `${stream}:${tag}` },
      fieldPath: 'spec.template.spec.containers[?(@.name=="web")].image',
    },
  ]
  const labels = { follows: `${stream}-${tag}` }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: ' ' }] } }
  const body = JSON.stringify({
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name, labels, annotations: { 'image.openshift.io/triggers': JSON.stringify(triggers) } },
    spec: { selector: { matchLabels: labels }, template },
  })
  return { method: 'POST', path: `/apis/apps/v1/namespaces/${inNamespace}/deployments`, headers: json, body }
}
