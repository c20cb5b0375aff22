import type { KubeObject } from '../../machinery/object.ts'
import { parseReference, referenceProblem } from '../../oci/index.ts'
import { BareError } from '../errors.ts'
import { podTemplate, templatePath } from '../resources/workload.ts'

/** Which tags and images of streams are in use (pruning.md §3). Pure. */

export interface References {
  /** `namespace/stream:tag`. */
  tags: ReadonlySet<string>
  /** `namespace/stream@digest`. */
  images: ReadonlySet<string>
  /** Lines that tell of references nobody can read. */
  bad: readonly string[]
}

interface Found {
  tags: Set<string>
  images: Set<string>
  bad: string[]
}

/** P-12: only what names a registry, a namespace and one name can mean a stream; which registry doesn't matter. */
function addPullSpec(found: Found, text: string, where: string): void {
  if (text.trim() === '') return
  const reference = parseReference(text)
  if (reference === undefined) {
    found.bad.push(`${where}: invalid image reference ${JSON.stringify(text)}: ${referenceProblem(text)}`)
    return
  }
  const { registry, namespace, name, tag, id } = reference
  if (registry === '' || namespace === '' || name === '' || name.includes('/')) return
  if (id !== '') found.images.add(`${namespace}/${name}@${id}`)
  else found.tags.add(`${namespace}/${name}:${tag || 'latest'}`)
}

function isSpent(pod: KubeObject, threshold: number): boolean {
  const phase = (pod as { status?: { phase?: string } }).status?.phase
  const old = Date.parse(pod.metadata.creationTimestamp ?? '') <= threshold
  return phase !== 'Pending' && phase !== 'Running' && old
}

function describe({ kind = '', metadata }: KubeObject): string {
  return `${kind.toLowerCase()}/${metadata.name} namespace=${metadata.namespace ?? ''}`
}

interface ObjectFrom {
  kind?: string
  name?: string
  namespace?: string
}

/** P-11: what a build starts from. */
function addBuild(found: Found, object: KubeObject): void {
  const strategy =
    (object as { spec?: { strategy?: Record<string, { from?: ObjectFrom } | string> } }).spec?.strategy ?? {}
  for (const one of Object.values(strategy)) {
    const from = typeof one === 'object' && one !== null ? one.from : undefined
    if (from?.name === undefined) continue
    const name = `${from.namespace || object.metadata.namespace}/${from.name}`
    if (from.kind === 'DockerImage') addPullSpec(found, from.name, describe(object))
    else if (from.kind === 'ImageStreamTag' && /^[^:@]+:[^:@]+$/.test(from.name)) found.tags.add(name)
    else if (from.kind === 'ImageStreamImage' && /^[^@]+@[^@]+$/.test(from.name)) found.images.add(name)
    else found.bad.push(`${describe(object)}: invalid ${from.kind} reference ${JSON.stringify(from.name)}`)
  }
}

/** `threshold` is the age limit, in milliseconds since 1970. */
export function findReferences(objects: readonly KubeObject[], threshold: number): References {
  const found: Found = { tags: new Set(), images: new Set(), bad: [] }
  for (const object of objects) {
    const kind = object.kind ?? ''
    if (kind === 'Build' || kind === 'BuildConfig') addBuild(found, object)
    else if (templatePath(kind) !== undefined && !(kind === 'Pod' && isSpent(object, threshold))) {
      const spec = podTemplate(object)?.spec as
        | Record<string, { name: string; image?: string }[] | undefined>
        | undefined
      for (const [field, word] of [
        ['initContainers', 'init container'],
        ['containers', 'container'],
        ['ephemeralContainers', 'container'],
      ] as const) {
        for (const container of spec?.[field] ?? []) {
          addPullSpec(found, container.image ?? '', `${describe(object)}: ${word} ${container.name}`)
        }
      }
    }
  }
  return found
}

/** References that nobody can read stop everything: what they protect is unknown (P-13). */
export function badReferences(bad: readonly string[]): BareError {
  const lines = bad.map((line) => `  ${line}\n`).join('')
  return new BareError(
    `Failed to build graph!\n\nThe following objects have invalid references:\n\n${lines}\nEither fix the references or delete the objects to make the pruner proceed.\nerror: failed to build graph - no changes made`,
  )
}
