import { splitStreamTagName } from './virtual-name.ts'

/** The annotation `image.openshift.io/triggers` (triggers.md §1). */

export const triggersAnnotation = 'image.openshift.io/triggers'
/** Reason of the Warning Events about triggers that can't do what they say. */
export const triggerFailed = 'ImageTriggerFailed'

export interface TriggerEntry {
  from: { kind: string; name: string; namespace: string; apiVersion: string }
  fieldPath: string
  paused: boolean
}

/** The tag that something follows. */
export interface TriggerSource {
  namespace: string
  stream: string
  tag: string
}

/** A tag that an object follows, with the image that the object has of it: undefined where only a closer look can tell. */
export interface Following {
  source: TriggerSource
  image?: string
}

export type ParsedTriggers = { kind: 'entries'; entries: TriggerEntry[] } | { kind: 'invalid'; why: string }

class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

/** Reads the annotation as it counts: like {@link readTriggers}, but without two entries for one path. */
export function parseTriggers(text: string | undefined): ParsedTriggers {
  const parsed = readTriggers(text)
  if (parsed.kind === 'invalid') return parsed
  const paths = new Set(parsed.entries.map(({ fieldPath }) => fieldPath))
  return paths.size < parsed.entries.length
    ? { kind: 'invalid', why: 'duplicate triggers are not allowed' }
    : parsed
}

/**
 * Reads the annotation; undefined and `null` are no triggers. Booleans may be written as text, as the documentation does, unless
 * `textFlags` is false, as OpenShift's client has it. Nothing of an annotation that is wrong anywhere counts.
 */
export function readTriggers(text: string | undefined, { textFlags = true } = {}): ParsedTriggers {
  if (text === undefined || text === '') return { kind: 'entries', entries: [] }
  try {
    return { kind: 'entries', entries: readList(JSON.parse(text), textFlags) }
  } catch (error) {
    if (error instanceof ShapeError) return { kind: 'invalid', why: error.message }
    if (error instanceof SyntaxError) return { kind: 'invalid', why: 'the annotation is not JSON' }
    throw error
  }
}

function readList(value: unknown, textFlags: boolean): TriggerEntry[] {
  if (value === null) return []
  if (!Array.isArray(value)) throw new ShapeError('the annotation is not a list')
  return value.map((entry, index) => readEntry(entry, `[${index}]`, textFlags))
}

function readEntry(value: unknown, at: string, textFlags: boolean): TriggerEntry {
  const entry = readStruct(value, at)
  const from = readStruct(entry.from, `${at}.from`)
  const text = (field: string) => readText(from[field], `${at}.from.${field}`)
  return {
    from: {
      kind: text('kind'),
      name: text('name'),
      namespace: text('namespace'),
      apiVersion: text('apiVersion'),
    },
    fieldPath: readText(entry.fieldPath, `${at}.fieldPath`),
    paused: readFlag(entry.paused, `${at}.paused`, textFlags),
  }
}

function readStruct(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new ShapeError(`${at} is not an object`)
  return value as Readonly<Record<string, unknown>>
}

function readText(value: unknown, at: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw new ShapeError(`${at} is not text`)
  return value
}

function readFlag(value: unknown, at: string, textFlags: boolean): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  if (textFlags && (value === 'true' || value === 'false')) return value === 'true'
  throw new ShapeError(`${at} is neither true nor false`)
}

/** The tag that an entry of an object in `namespace` follows; undefined for what is no tag, or names none. */
export function sourceOf({ from }: TriggerEntry, namespace: string): TriggerSource | undefined {
  const isTag = (from.kind === 'ImageStreamTag' || from.kind === '') && from.apiVersion === ''
  return isTag ? tagSource(from, namespace) : undefined
}

/** Takes `<stream>:<tag>` apart at its first colon, which must be there (triggers.md §3). */
export function tagSource(
  from: { name?: string; namespace?: string },
  namespace: string,
): TriggerSource | undefined {
  const { stream, tag, hasTag } = splitStreamTagName(from.name ?? '')
  if (!hasTag || stream === '' || stream.includes('/')) return undefined
  return { namespace: from.namespace || namespace, stream, tag }
}

export function formatSource({ namespace, stream, tag }: TriggerSource): string {
  return `${namespace}/${stream}:${tag}`
}
