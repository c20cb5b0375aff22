/**
 * References to images in registries: `[registry/][namespace/]name[:tag][@digest]`, how they are taken apart, defaulted
 * and written (image-api.md §3.1).
 */

/** Parts are '' where the text has none. `name` keeps every path component after the namespace, slashes included. */
export interface ImageReference {
  readonly registry: string
  readonly namespace: string
  readonly name: string
  readonly tag: string
  /** A digest, or in references that were put together by hand anything else that names one image. */
  readonly id: string
}

export const defaultRegistry = 'docker.io'
export const defaultNamespace = 'library'
export const defaultTag = 'latest'

const hubV1Registry = 'index.docker.io'
const hubV2Registry = 'registry-1.docker.io'
const hubRegistries: ReadonlySet<string> = new Set([defaultRegistry, hubV1Registry, hubV2Registry])

// Every alternative starts with a character that the one before it cannot end with, so matching takes linear time.
const hostComponent = '[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*'
const host = `${hostComponent}(?:\\.${hostComponent})*(?::[0-9]+)?`
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const path = `(?:${host}/)?${component}(?:/${component})*`
const tagPattern = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const digestPattern = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const referenceShape = new RegExp(`^(${path})(?::(${tagPattern}))?(?:@(${digestPattern}))?$`)

const digestShape = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/
const digestLengths: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
])
const maxNameLength = 255

/** Why this is no digest, undefined when it is one. Wider than A-3: sha384 counts here. */
function digestProblem(text: string): string | undefined {
  const colon = text.indexOf(':')
  const length = digestLengths.get(text.slice(0, Math.max(colon, 0)))
  if (length === undefined) {
    return digestShape.test(text) ? 'unsupported digest algorithm' : 'invalid checksum digest format'
  }
  const encoded = text.slice(colon + 1)
  if (encoded === '') return 'invalid checksum digest format'
  if (encoded.length !== length) return 'invalid checksum digest length'
  return /^[0-9a-f]+$/.test(encoded) ? undefined : 'invalid checksum digest format'
}

/** Whether the id of a reference is written with `@`. */
export function isImageDigest(text: string): boolean {
  return digestProblem(text) === undefined
}

function readReference(text: string): ImageReference | string {
  const match = referenceShape.exec(text)
  if (match === null) {
    if (text === '') return 'repository name must have at least one component'
    if (referenceShape.test(text.toLowerCase())) return 'repository name must be lowercase'
    return 'invalid reference format'
  }
  const [, fullName = '', tag = '', id = ''] = match
  if (fullName.length > maxNameLength) return 'repository name must not be more than 255 characters'
  const problem = id === '' ? undefined : digestProblem(id)
  return problem ?? decompose(text, fullName, tag, id)
}

function decompose(text: string, fullName: string, tag: string, id: string): ImageReference {
  const slash = fullName.indexOf('/')
  if (slash === -1 && (fullName.includes('.') || fullName.startsWith('localhost'))) {
    return { registry: text, namespace: '', name: '', tag: '', id: '' }
  }
  const first = fullName.slice(0, Math.max(slash, 0))
  const hasRegistry = /[.:]/.test(first) || first === 'localhost'
  const repository = hasRegistry ? fullName.slice(slash + 1) : fullName
  const split = repository.indexOf('/')
  return {
    registry: hasRegistry ? first : '',
    namespace: split === -1 ? '' : repository.slice(0, split),
    name: repository.slice(split + 1),
    tag,
    id,
  }
}

/** undefined for text that is no reference; {@link referenceProblem} says why. */
export function parseReference(text: string): ImageReference | undefined {
  const read = readReference(text)
  return typeof read === 'string' ? undefined : read
}

/** The reason, in the words that validation errors quote, why text is no reference; undefined when it is one. */
export function referenceProblem(text: string): string | undefined {
  const read = readReference(text)
  return typeof read === 'string' ? read : undefined
}

export function isDockerHub(registry: string): boolean {
  return hubRegistries.has(registry)
}

/** Exactly what was written, the id winning over the tag; '' for a reference without a name. */
export function formatExact(reference: ImageReference): string {
  const { registry, namespace, name, tag, id } = reference
  if (name === '') return ''
  const prefix = `${registry === '' ? '' : `${registry}/`}${namespace === '' ? '' : `${namespace}/`}${name}`
  if (id !== '') return `${prefix}${isImageDigest(id) ? '@' : ':'}${id}`
  return tag === '' ? prefix : `${prefix}:${tag}`
}

/** {@link formatExact}, with `library/` put in for single names on Docker Hub. */
export function formatReference(reference: ImageReference): string {
  const isShort = reference.namespace === '' && isDockerHub(reference.registry)
  return formatExact(isShort ? { ...reference, namespace: defaultNamespace } : reference)
}

/** What a docker client would ask for: registry docker.io, namespace library on the Hub, tag latest. */
export function withClientDefaults(reference: ImageReference): ImageReference {
  const registry = reference.registry === '' ? defaultRegistry : reference.registry
  const isShort = reference.namespace === '' && isDockerHub(registry)
  return {
    ...reference,
    registry,
    namespace: isShort ? defaultNamespace : reference.namespace,
    tag: reference.tag === '' ? defaultTag : reference.tag,
  }
}

/** Names the host that speaks the v2 protocol for Docker Hub. */
export function asV2(reference: ImageReference): ImageReference {
  const isOldName = reference.registry === defaultRegistry || reference.registry === hubV1Registry
  return isOldName ? { ...reference, registry: hubV2Registry } : reference
}

/** The shortest form that a docker daemon understands alike. */
export function daemonMinimal(reference: ImageReference): ImageReference {
  const onHub = isDockerHub(reference.registry)
  return {
    ...reference,
    registry: onHub ? defaultRegistry : reference.registry,
    namespace: onHub && reference.namespace === defaultNamespace ? '' : reference.namespace,
    tag: reference.tag === defaultTag ? '' : reference.tag,
  }
}

/** Leaves only the part that pins the image best: a digest drives out the tag, another id becomes the tag. */
export function mostSpecific(reference: ImageReference): ImageReference {
  if (reference.id === '') return reference
  if (isImageDigest(reference.id)) return { ...reference, tag: '' }
  return reference.tag === '' ? { ...reference, tag: reference.id, id: '' } : reference
}

export function asRepository(reference: ImageReference): ImageReference {
  return { ...reference, tag: '', id: '' }
}

export interface HostPort {
  host: string
  /** Decimal digits. */
  port: string
}

/** Where the registry listens. An empty registry is defaulted after {@link asV2}, hence `docker.io:443` for `busybox`. */
export function hostPort(reference: ImageReference, insecure: boolean): HostPort {
  const { registry } = withClientDefaults(asV2(reference))
  const colon = registry.lastIndexOf(':')
  if (colon !== -1) return { host: registry.slice(0, colon), port: registry.slice(colon + 1) }
  return { host: registry, port: insecure ? '80' : '443' }
}
