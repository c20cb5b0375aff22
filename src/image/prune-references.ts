import type { KubeObject } from '../machinery/object.ts'
import { parseReference, referenceProblem } from '../oci/index.ts'
import { parseStreamImageName, parseStreamTagName } from './virtual-name.ts'

/** Which tags and images of streams are in use, and by whom (pruning.md §3). */

export interface References {
  /** Who uses `namespace/stream:tag`. */
  tags: ReadonlyMap<string, readonly string[]>
  /** Who uses `namespace/stream@digest`. */
  images: ReadonlyMap<string, readonly string[]>
  /** Lines that tell of references nobody can read (P-13). */
  bad: readonly string[]
}

export interface ReferenceCollector extends References {
  /** The object's `kind` says how it is read; one that is not known is searched for images. */
  add(object: KubeObject): void
}

type Found = Record<'tags' | 'images', Map<string, string[]>> & { bad: string[] }

/** Where each kind keeps its pod template; a pod is its own. */
const templates: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pod', []],
  ['Deployment', ['spec', 'template']],
  ['DaemonSet', ['spec', 'template']],
  ['StatefulSet', ['spec', 'template']],
  ['ReplicaSet', ['spec', 'template']],
  ['ReplicationController', ['spec', 'template']],
  ['DeploymentConfig', ['spec', 'template']],
  ['Job', ['spec', 'template']],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
])

/** `threshold` is the age limit of pods that have ended, in milliseconds since 1970 (P-10). */
export function createReferenceCollector(threshold: number): ReferenceCollector {
  const found: Found = { tags: new Map(), images: new Map(), bad: [] }
  return {
    ...found,
    add(object) {
      const { kind = '' } = object
      if (kind === 'Build' || kind === 'BuildConfig') addBuild(found, object)
      else if (!templates.has(kind)) addUnknown(found, object)
      else if (kind !== 'Pod' || !isSpent(object, threshold)) addPodSpec(found, object)
    },
  }
}

export function findReferences(objects: Iterable<KubeObject>, threshold: number): References {
  const collector = createReferenceCollector(threshold)
  for (const object of objects) collector.add(object)
  return collector
}

function holderName({ kind = '', metadata }: KubeObject): string {
  return `${kind.toLowerCase()}/${metadata.name} namespace=${metadata.namespace ?? ''}`
}

function note(users: Map<string, string[]>, used: string, holder: string): void {
  const known = users.get(used)
  if (known === undefined) users.set(used, [holder])
  // One holder's containers come one after the other.
  else if (known.at(-1) !== holder) known.push(holder)
}

/** P-12: only what names a registry, a namespace and one name can mean a stream; which registry doesn't matter. */
function addPullSpec(found: Found, text: string, holder: string, place: string): void {
  if (text.trim() === '') return
  const reference = parseReference(text)
  if (reference === undefined) {
    const why = referenceProblem(text)
    found.bad.push(`${holder}${place}: invalid image reference ${JSON.stringify(text)}: ${why}`)
    return
  }
  const { registry, namespace, name, tag, id } = reference
  if (registry === '' || namespace === '' || name === '' || name.includes('/')) return
  if (id !== '') note(found.images, `${namespace}/${name}@${id}`, holder)
  else note(found.tags, `${namespace}/${name}:${tag || 'latest'}`, holder)
}

/** P-10: over, and long enough ago. */
function isSpent(pod: KubeObject, threshold: number): boolean {
  const phase = (pod as { status?: { phase?: string } }).status?.phase
  if (phase === 'Pending' || phase === 'Running') return false
  return Date.parse(pod.metadata.creationTimestamp ?? '') <= threshold
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, field) => (isRecord(inner) ? inner[field] : undefined), value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

const containerLists = [
  ['initContainers', 'init container'],
  ['containers', 'container'],
  ['ephemeralContainers', 'ephemeral container'],
] as const

function addPodSpec(found: Found, object: KubeObject): void {
  const spec = at(object, [...(templates.get(object.kind ?? '') ?? []), 'spec'])
  const holder = holderName(object)
  for (const [field, word] of containerLists) {
    for (const container of (at(spec, [field]) ?? []) as { name: string; image?: string }[]) {
      addPullSpec(found, container.image ?? '', holder, `: ${word} ${container.name}`)
    }
  }
}

interface ObjectFrom {
  kind?: string
  name?: string
  namespace?: string
}

/** P-11: what a build starts from. */
function addBuild(found: Found, object: KubeObject): void {
  const strategy = at(object, ['spec', 'strategy'])
  for (const one of isRecord(strategy) ? Object.values(strategy) : []) {
    const from = at(one, ['from'])
    if (isRecord(from)) addBuildSource(found, object, from as ObjectFrom)
  }
}

function addBuildSource(found: Found, object: KubeObject, from: ObjectFrom): void {
  const { kind = '', name = '' } = from
  const holder = holderName(object)
  const namespace = from.namespace || object.metadata.namespace
  const refuse = (why: string) =>
    found.bad.push(`${holder}: invalid ${kind} reference ${JSON.stringify(name)}: ${why}`)
  if (kind === 'DockerImage') addPullSpec(found, name, holder, '')
  else if (kind === 'ImageStreamTag') {
    if (parseStreamTagName(name) === undefined) refuse('it must be of the form <name>:<tag>')
    else note(found.tags, `${namespace}/${name}`, holder)
  } else if (kind === 'ImageStreamImage') {
    if (parseStreamImageName(name) === undefined) refuse('it must be of the form <name>@<id>')
    else note(found.images, `${namespace}/${name}`, holder)
  }
}

/**
 * Of a kind that is not known, every text in a field `image` counts: it may be a pod template, or become one. What can't be
 * read there, say a template's `{{.image}}`, runs nowhere as it is and is left out.
 */
function addUnknown(found: Found, object: KubeObject): void {
  const holder = holderName(object)
  const open: unknown[] = [object]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!isRecord(next)) continue
    const { image } = next
    if (typeof image === 'string' && parseReference(image) !== undefined)
      addPullSpec(found, image, holder, '')
    open.push(...Object.values(next).filter(isRecord))
  }
}
