import type { KubeObject } from '../machinery/object.ts'
import { hasController, type KindName } from './lookup-workload.ts'
import {
  type Following,
  formatSource,
  parseTriggers,
  sourceOf,
  type TriggerEntry,
  triggersAnnotation,
} from './trigger-annotation.ts'
import { locateImage } from './trigger-path.ts'
import { type Resolutions, resolutionText } from './trigger-resolve.ts'
import { triggerTarget, triggerTargetAnnotation } from './trigger-target.ts'

/** What has to be done about the triggers in an object's annotation, and why not more (triggers.md §4.2). */

export type EntryState =
  | { kind: 'paused' }
  /** The path leads to no image of the kind; such entries are ignored. */
  | { kind: 'ignored'; why: string }
  | { kind: 'invalid'; why: string }
  | { kind: 'waiting'; why: string }
  | { kind: 'forbidden'; why: string }
  /** Put into the pods that are made, and nowhere else. */
  | { kind: 'in-pods'; image: string }
  /** Another entry for the same container comes later. */
  | { kind: 'overruled'; image: string }
  | { kind: 'current'; image: string }
  | { kind: 'moves'; from: string; to: string }
  /** Ought to move, but the field can't change any more. */
  | { kind: 'fixed'; from: string; to: string; why: string }

export interface EntryReport {
  fieldPath: string
  /** Absent where the path leads to none. */
  container?: string
  /** `namespace/stream:tag`; absent where the entry names none. */
  source?: string
  /** When the tag came to its image, in RFC 3339; where that is known. */
  since?: string
  state: EntryState
}

export interface PatchOperation {
  op: 'test' | 'add' | 'replace'
  path: string
  value: string
}

export interface TriggerPlan {
  /** Why none of the entries counts. */
  refused?: string
  entries: EntryReport[]
  /** JSON patch of the images that move, behind a test of the revision that was seen; absent when nothing moves. */
  patch?: PatchOperation[]
}

/** Kinds whose images stay as they were made. */
const fixedKinds: ReadonlyMap<string, string> = new Map([
  ['batch/Job', 'the pod template of a Job cannot change'],
])

/** What the object's annotation follows, paused entries left out. */
export function triggerFollowings(kind: KindName, object: KubeObject): Following[] {
  const parsed = parseTriggers(object.metadata.annotations?.[triggersAnnotation])
  if (parsed.kind === 'invalid' || hasController(object) || triggerTarget(object) !== 'field') return []
  const namespace = object.metadata.namespace ?? ''
  return parsed.entries.flatMap((entry): Following[] => {
    const source = entry.paused ? undefined : sourceOf(entry, namespace)
    if (source === undefined) return []
    const located = locateImage(kind, object, entry.fieldPath)
    return located.kind === 'found' && located.image !== undefined
      ? [{ source, image: located.image }]
      : [{ source }]
  })
}

export function planTriggers(kind: KindName, object: KubeObject, resolve: Resolutions): TriggerPlan {
  const parsed = parseTriggers(object.metadata.annotations?.[triggersAnnotation])
  if (parsed.kind === 'invalid') return { refused: parsed.why, entries: [] }
  if (parsed.entries.length > 0 && hasController(object)) {
    return { refused: 'another object controls this one: set triggers there', entries: [] }
  }
  const target = triggerTarget(object)
  if (target === undefined)
    return { refused: `the annotation ${triggerTargetAnnotation} is neither field nor pods`, entries: [] }
  const found = parsed.entries.map((entry) => examine(kind, object, entry, resolve))
  const last = new Map(found.map((entry) => [entry.pointer, entry]))
  const why = fixedKinds.get(`${kind.group}/${kind.kind}`)
  const entries = found.map((entry): Examined => {
    const { state, pointer } = entry
    if (state.kind !== 'moves' && state.kind !== 'current') return entry
    const image = state.kind === 'moves' ? state.to : state.image
    if (last.get(pointer) !== entry) return { ...entry, state: { kind: 'overruled', image } }
    if (target === 'pods') return { ...entry, state: { kind: 'in-pods', image } }
    return state.kind === 'moves' && why !== undefined
      ? { ...entry, state: { ...state, kind: 'fixed', why } }
      : entry
  })
  const moves = entries.flatMap(({ state, pointer, hadImage }): PatchOperation[] =>
    state.kind === 'moves' && pointer !== undefined
      ? [{ op: hadImage ? 'replace' : 'add', path: pointer, value: state.to }]
      : [],
  )
  const reports = entries.map(({ pointer: _pointer, hadImage: _had, ...report }): EntryReport => report)
  if (moves.length === 0) return { entries: reports }
  const revision = object.metadata.resourceVersion ?? ''
  const test = { op: 'test' as const, path: '/metadata/resourceVersion', value: revision }
  return { entries: reports, patch: [test, ...moves] }
}

/** By the name of their container, the images that new pods of the object get in place of what is written. */
export function podImages({ entries }: TriggerPlan): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap(({ container, state }) =>
      state.kind === 'in-pods' && container !== undefined ? [[container, state.image] as const] : [],
    ),
  )
}

interface Examined extends EntryReport {
  /** RFC 6901; only where there is an image to set. */
  pointer?: string
  hadImage?: boolean
}

function examine(kind: KindName, object: KubeObject, entry: TriggerEntry, resolve: Resolutions): Examined {
  const { fieldPath } = entry
  const source = sourceOf(entry, object.metadata.namespace ?? '')
  const located = locateImage(kind, object, fieldPath)
  const report = {
    fieldPath,
    ...(located.kind === 'found' ? { container: located.container } : {}),
    ...(source === undefined ? {} : { source: formatSource(source) }),
  }
  if (entry.paused) return { ...report, state: { kind: 'paused' } }
  if (located.kind === 'elsewhere') {
    return {
      ...report,
      state: { kind: 'ignored', why: `${fieldPath} leads to no container of a ${kind.kind}` },
    }
  }
  if (located.kind === 'invalid') return { ...report, state: located }
  if (source === undefined) {
    return {
      ...report,
      state: { kind: 'invalid', why: 'from is no ImageStreamTag of the form <stream>:<tag>' },
    }
  }
  const resolution = resolve(source)
  if (resolution.kind !== 'image') {
    const why = `${formatSource(source)}: ${resolutionText(resolution)}`
    return { ...report, state: { kind: resolution.kind === 'forbidden' ? 'forbidden' : 'waiting', why } }
  }
  const { image, since } = resolution
  const from = located.image ?? ''
  return {
    ...report,
    ...(since === undefined ? {} : { since }),
    pointer: toPointer(located.path),
    hadImage: located.image !== undefined,
    state: image === from ? { kind: 'current', image } : { kind: 'moves', from, to: image },
  }
}

function toPointer(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
