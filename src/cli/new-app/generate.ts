import type { KubeObject } from '../../machinery/object.ts'
import { imageApiVersion } from '../resources/image-api.ts'
import { isBuilder, type Match } from './match.ts'
import type { Source } from './source.ts'

/** The objects that an application is made of. Pure; hook secrets come from the caller. */

export interface Part {
  /** Of its objects. */
  name: string
  match: Match
  source?: Source
}

export interface GenerateOptions {
  labels: Readonly<Record<string, string>>
  env: readonly string[]
  /** Deployment configs instead of deployments. */
  asConfig: boolean
  insecure: boolean
  generatedBy: 'OpenShiftNewApp' | 'OpenShiftNewBuild'
  newSecret(): string
}

interface TagRef {
  kind: 'ImageStreamTag'
  name: string
  namespace?: string
}

function metadata(name: string, options: GenerateOptions, annotations: object = {}) {
  const { labels, generatedBy } = options
  return {
    name,
    ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    annotations: { 'openshift.io/generated-by': generatedBy, ...annotations },
  }
}

/** Labels that objects of an application have unless others were asked for. */
export function defaultLabels(name: string): Record<string, string> {
  return { app: name, 'app.kubernetes.io/component': name, 'app.kubernetes.io/instance': name }
}

/** The tag of its stream, or of the stream that is made for it. */
export function inputTag({ match, name }: Part): TagRef {
  if (match.kind === 'stream')
    return { kind: 'ImageStreamTag', name: `${match.stream}:${match.tag}`, namespace: match.namespace }
  return { kind: 'ImageStreamTag', name: `${streamName(match.reference, name)}:${tagOf(match.reference)}` }
}

function tagOf(reference: string): string {
  const last = reference.slice(reference.lastIndexOf('/') + 1)
  return last.includes('@') ? 'latest' : (last.split(':')[1] ?? 'latest')
}

/** Last part of the repository's path. */
export function imageBaseName(reference: string): string {
  return (/[^/:@]+(?=(?:[:@][^/]*)?$)/.exec(reference)?.[0] ?? reference).toLowerCase()
}

function streamName(reference: string, fallback: string): string {
  return imageBaseName(reference) || fallback
}

function trackingStream(reference: string, part: Part, options: GenerateOptions): KubeObject {
  return {
    kind: 'ImageStream',
    apiVersion: imageApiVersion,
    metadata: metadata(streamName(reference, part.name), options),
    spec: {
      lookupPolicy: { local: false },
      tags: [
        {
          name: tagOf(reference),
          annotations: { 'openshift.io/imported-from': reference },
          from: { kind: 'DockerImage', name: reference },
          importPolicy: options.insecure ? { insecure: true } : {},
          referencePolicy: { type: '' },
        },
      ],
    },
  } as KubeObject
}

function outputStream(name: string, options: GenerateOptions): KubeObject {
  return {
    kind: 'ImageStream',
    apiVersion: imageApiVersion,
    metadata: metadata(name, options),
    spec: { lookupPolicy: { local: false } },
  } as KubeObject
}

function buildConfig(part: Part & { source: Source }, options: GenerateOptions): KubeObject {
  const { source, name } = part
  const env = options.env.map(toVariable)
  const fields = { from: inputTag(part), ...(env.length === 0 ? {} : { env }) }
  const git = { uri: source.uri, ...(source.ref === '' ? {} : { ref: source.ref }) }
  return {
    kind: 'BuildConfig',
    apiVersion: 'build.openshift.io/v1',
    metadata: metadata(name, options),
    spec: {
      output: { to: { kind: 'ImageStreamTag', name: `${name}:latest` } },
      source: source.uri === '' ? { type: 'Binary', binary: {} } : { type: 'Git', git },
      strategy: isBuilder(part.match)
        ? { type: 'Source', sourceStrategy: fields }
        : { type: 'Docker', dockerStrategy: fields },
      triggers: source.uri === '' ? [] : triggersOf(options),
    },
  } as KubeObject
}

/** Of sources that a build can fetch by itself; the others come with each build. */
function triggersOf({ newSecret }: GenerateOptions): object[] {
  return [
    { type: 'GitHub', github: { secret: newSecret() } },
    { type: 'Generic', generic: { secret: newSecret() } },
    { type: 'ConfigChange' },
    { type: 'ImageChange', imageChange: {} },
  ]
}

function toVariable(text: string): { name: string; value: string } {
  const at = text.indexOf('=')
  return { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** `8080/tcp`, sorted by number. */
export function exposedPorts({ match }: Part): { containerPort: number; protocol: string }[] {
  return Object.keys(match.image?.dockerImageMetadata?.Config?.ExposedPorts ?? {})
    .map((text) => {
      const [port = '', protocol = 'tcp'] = text.split('/')
      return { containerPort: Number(port), protocol: protocol.toUpperCase() }
    })
    .filter(({ containerPort }) => containerPort > 0)
    .sort((a, b) => a.containerPort - b.containerPort)
}

/** What runs: the tag that the build fills, or the one that was found. */
function deployedTag(part: Part): TagRef {
  return part.source === undefined ? inputTag(part) : { kind: 'ImageStreamTag', name: `${part.name}:latest` }
}

function podTemplate(group: readonly Part[], name: string, options: GenerateOptions, selector: object) {
  const env = options.env.map(toVariable)
  return {
    metadata: {
      labels: { ...options.labels, ...selector },
      annotations: { 'openshift.io/generated-by': options.generatedBy },
    },
    spec: {
      containers: group.map((part, i) => {
        const ports = exposedPorts(part)
        return {
          name: i === 0 ? name : part.name,
          image: ' ',
          ...(ports.length === 0 ? {} : { ports }),
          ...(env.length === 0 || part.source !== undefined ? {} : { env }),
          resources: {},
        }
      }),
    },
  }
}

function deployment(group: readonly Part[], name: string, options: GenerateOptions): KubeObject {
  const containers = group.map((part, i) => ({ part, container: i === 0 ? name : part.name }))
  if (options.asConfig) {
    const selector = { deploymentconfig: name }
    const triggers = containers.map(({ part, container }) => ({
      type: 'ImageChange',
      imageChangeParams: { automatic: true, containerNames: [container], from: deployedTag(part) },
    }))
    return {
      kind: 'DeploymentConfig',
      apiVersion: 'apps.openshift.io/v1',
      metadata: metadata(name, options),
      spec: {
        replicas: 1,
        selector,
        strategy: { resources: {} },
        template: podTemplate(group, name, options, selector),
        triggers: [{ type: 'ConfigChange' }, ...triggers],
      },
    } as KubeObject
  }
  const selector = { deployment: name }
  const triggers = containers.map(({ part, container }) => ({
    from: deployedTag(part),
    fieldPath: `spec.template.spec.containers[?(@.name=="${container}")].image`,
  }))
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: metadata(name, options, { 'image.openshift.io/triggers': JSON.stringify(triggers) }),
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      strategy: {},
      template: podTemplate(group, name, options, selector),
    },
  } as KubeObject
}

function service(group: readonly Part[], name: string, options: GenerateOptions): KubeObject[] {
  const ports = new Map(
    group.flatMap(exposedPorts).map((port) => [`${port.containerPort}-${port.protocol.toLowerCase()}`, port]),
  )
  if (ports.size === 0) return []
  const selector = options.asConfig ? { deploymentconfig: name } : { deployment: name }
  return [
    {
      kind: 'Service',
      apiVersion: 'v1',
      metadata: metadata(name, options),
      spec: {
        selector,
        ports: [...ports].map(([portName, { containerPort, protocol }]) => ({
          name: portName,
          port: containerPort,
          protocol,
          targetPort: containerPort,
        })),
      },
    } as KubeObject,
  ]
}

/** In the order in which they are made; streams that two parts need are made once. */
export function generateObjects(
  groups: readonly (readonly Part[])[],
  options: GenerateOptions,
  runs: boolean,
): KubeObject[] {
  const parts = groups.flat()
  const streams = parts.flatMap((part) => [
    ...(part.match.kind === 'container' ? [trackingStream(part.match.reference, part, options)] : []),
    ...(part.source === undefined ? [] : [outputStream(part.name, options)]),
  ])
  const unique = new Map(streams.toReversed().map((one) => [one.metadata.name, one]))
  const builds = parts.flatMap((part) =>
    part.source === undefined ? [] : [buildConfig({ ...part, source: part.source }, options)],
  )
  const workloads = runs
    ? groups.flatMap((group) => {
        const name = group[0]?.name ?? ''
        return [deployment(group, name, options), ...service(group, name, options)]
      })
    : []
  return [...[...unique.values()].reverse(), ...builds, ...workloads]
}
