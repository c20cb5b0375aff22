import { locateImage, readTriggers, type TriggerEntry, triggersAnnotation } from '../../image/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { CliError } from '../errors.ts'
import { containersOf, podTemplate } from './workload.ts'

/** The triggers of a workload, read from and written to whichever form its kind keeps them in (cli.md §9). */

export interface ImageTrigger {
  /** '' for the object's own. */
  namespace: string
  /** `stream:tag`. */
  name: string
  containers: string[]
  automatic: boolean
}

export interface TriggerSet {
  config: boolean
  images: ImageTrigger[]
}

const annotated = new Set(['Deployment', 'DaemonSet', 'StatefulSet', 'CronJob'])

/** Kinds whose triggers stand in an annotation. */
export function isAnnotated(kind: string): boolean {
  return annotated.has(kind)
}

function containerPath(kind: string): string {
  return kind === 'CronJob'
    ? 'spec.jobTemplate.spec.template.spec.containers'
    : 'spec.template.spec.containers'
}

/** The container that an entry's path leads to; undefined for paths to nowhere. */
function containerOf(fieldPath: string, object: KubeObject): string | undefined {
  const { apiVersion = '', kind = '' } = object as { apiVersion?: string; kind?: string }
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const located = locateImage({ group, kind }, object, fieldPath)
  return located.kind === 'found' ? located.container : undefined
}

function sameSource(a: ImageTrigger, b: Pick<ImageTrigger, 'namespace' | 'name'>): boolean {
  return a.name === b.name && a.namespace === b.namespace
}

function groupTriggers(list: readonly TriggerEntry[], object: KubeObject): ImageTrigger[] {
  const images: ImageTrigger[] = []
  for (const { from, fieldPath, paused } of list) {
    const container = containerOf(fieldPath, object)
    if (from.kind !== 'ImageStreamTag' || container === undefined) continue
    const namespace = from.namespace === object.metadata.namespace ? '' : from.namespace
    const known = images.find((image) => sameSource(image, { name: from.name, namespace }))
    if (known === undefined)
      images.push({ name: from.name, namespace, containers: [container], automatic: !paused })
    else known.containers.push(container)
  }
  return images
}

/** undefined when the annotation can't be read. */
export function readAnnotated(object: KubeObject): TriggerSet | undefined {
  const parsed = readTriggers(object.metadata.annotations?.[triggersAnnotation], { textFlags: false })
  if (parsed.kind === 'invalid') return undefined
  const paused =
    object.kind === 'Deployment' && (object as { spec?: { paused?: boolean } }).spec?.paused === true
  return { config: !paused, images: groupTriggers(parsed.entries, object) }
}

/** The annotation's text; `null` when no trigger is left. */
function formatAnnotation(kind: string, images: readonly ImageTrigger[]): string {
  const list = images.flatMap((image) =>
    image.containers.map((container) => ({
      from: {
        kind: 'ImageStreamTag',
        name: image.name,
        ...(image.namespace === '' ? {} : { namespace: image.namespace }),
      },
      fieldPath: `${containerPath(kind)}[?(@.name==${JSON.stringify(container)})].image`,
      ...(image.automatic ? {} : { paused: true }),
    })),
  )
  return list.length === 0 ? 'null' : JSON.stringify(list)
}

function checkContainers(object: KubeObject, images: readonly ImageTrigger[]): void {
  const names = containersOf(podTemplate(object)).map((container) => container.name)
  const used: string[] = []
  for (const { containers } of images) {
    if (containers.length === 0) throw new CliError('you must specify --containers when setting --from-image')
    const missing = containers.filter((name) => !names.includes(name))
    if (missing.length > 0) {
      throw new CliError(
        `not all container names exist: ${missing.join(', ')} (accepts: ${names.join(', ')})`,
      )
    }
    const twice = containers.filter((name) => used.includes(name))
    if (twice.length > 0)
      throw new CliError(`only one trigger may reference each container: ${twice.join(', ')}`)
    used.push(...containers)
  }
}

/** The strategic patch that makes the object's triggers these; undefined when they are already. CliError for impossible ones. */
export function planAnnotated(object: KubeObject, next: TriggerSet): Record<string, unknown> | undefined {
  checkContainers(object, next.images)
  const kind = object.kind ?? ''
  const text = formatAnnotation(kind, next.images)
  const wasText = object.metadata.annotations?.[triggersAnnotation]
  const paused = !next.config
  const wasPaused = (object as { spec?: { paused?: boolean } }).spec?.paused === true
  const patch: Record<string, unknown> = {}
  if (text !== wasText && !(text === 'null' && wasText === undefined && kind !== 'Deployment')) {
    patch.metadata = { annotations: { [triggersAnnotation]: text } }
  }
  if (kind === 'Deployment' && paused !== wasPaused) patch.spec = { paused: paused ? true : null }
  return Object.keys(patch).length === 0 ? undefined : patch
}
