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

export const triggerAnnotation = 'image.openshift.io/triggers'

interface FieldTrigger {
  from: { kind: string; name: string; namespace?: string }
  fieldPath: string
  paused?: boolean
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

/** The annotation's list; undefined when nobody could read it. */
function parseAnnotation(text: string): FieldTrigger[] | undefined {
  try {
    const list: unknown = JSON.parse(text)
    if (list === null) return []
    if (!Array.isArray(list)) return undefined
    const sound = list.every(
      (entry) =>
        typeof entry?.from === 'object' &&
        typeof entry.fieldPath === 'string' &&
        ['undefined', 'boolean'].includes(typeof entry.paused),
    )
    return sound ? (list as FieldTrigger[]) : undefined
  } catch {
    return undefined
  }
}

/** The container that a path names, as `[?(@.name=="x")]` or by its place; undefined for others. */
function containerOf(path: string, object: KubeObject): string | undefined {
  const match =
    /^spec\.(?:jobTemplate\.spec\.)?(?:template\.spec\.)?(initContainers|containers)\[(.+)\]\.image$/.exec(
      path,
    )
  if (match === null) return undefined
  const [, field, selector = ''] = match
  const spec = podTemplate(object)?.spec
  const containers = (field === 'initContainers' ? spec?.initContainers : spec?.containers) ?? []
  const named = /^\?\(@\.name==("(?:[^"\\]|\\.)*")\)$/.exec(selector)
  if (named !== null) {
    const name = JSON.parse(named[1] as string) as string
    return containersOf(podTemplate(object)).some((container) => container.name === name) ? name : undefined
  }
  return /^\d+$/.test(selector) ? containers[Number(selector)]?.name : undefined
}

function sameSource(a: ImageTrigger, b: Pick<ImageTrigger, 'namespace' | 'name'>): boolean {
  return a.name === b.name && a.namespace === b.namespace
}

function groupTriggers(list: readonly FieldTrigger[], object: KubeObject): ImageTrigger[] {
  const images: ImageTrigger[] = []
  for (const { from, fieldPath, paused } of list) {
    const container = containerOf(fieldPath, object)
    if (from.kind !== 'ImageStreamTag' || container === undefined) continue
    const namespace = from.namespace === object.metadata.namespace ? '' : (from.namespace ?? '')
    const known = images.find((image) => sameSource(image, { name: from.name, namespace }))
    if (known === undefined)
      images.push({ name: from.name, namespace, containers: [container], automatic: paused !== true })
    else known.containers.push(container)
  }
  return images
}

/** undefined when the annotation can't be read. */
export function readAnnotated(object: KubeObject): TriggerSet | undefined {
  const text = object.metadata.annotations?.[triggerAnnotation]
  const list = text === undefined || text === '' ? [] : parseAnnotation(text)
  if (list === undefined) return undefined
  const paused =
    object.kind === 'Deployment' && (object as { spec?: { paused?: boolean } }).spec?.paused === true
  return { config: !paused, images: groupTriggers(list, object) }
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
  const wasText = object.metadata.annotations?.[triggerAnnotation]
  const paused = !next.config
  const wasPaused = (object as { spec?: { paused?: boolean } }).spec?.paused === true
  const patch: Record<string, unknown> = {}
  if (text !== wasText && !(text === 'null' && wasText === undefined && kind !== 'Deployment')) {
    patch.metadata = { annotations: { [triggerAnnotation]: text } }
  }
  if (kind === 'Deployment' && paused !== wasPaused) patch.spec = { paused: paused ? true : null }
  return Object.keys(patch).length === 0 ? undefined : patch
}
