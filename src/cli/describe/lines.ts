import type { ObjectMeta } from '../../machinery/object.ts'
import { ageOf, longAge } from '../print/age.ts'

/** The building blocks of descriptions (cli.md §5): lines whose cells end in tabs. */

export const none = '<none>'
const descriptionAnnotation = 'description'

/** `Label:⇥value`; further lines of the value start with a tab. */
export function labelLine(label: string, value: string | number | undefined): string {
  const text = value === undefined || value === '' ? none : String(value)
  return `${label}:\t${text.split('\n').join('\n\t')}\n`
}

/** A map, sorted by key, one pair a line. */
export function mapLines(label: string, map: Readonly<Record<string, string>> | null | undefined): string {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return labelLine(label, entries.map(([key, value]) => `${key}=${value}`).join('\n'))
}

/** One value a line, the first beside the label; nothing for an empty list. */
export function listLines(label: string, values: readonly string[]): string {
  return values.length === 0 ? '' : labelLine(label, values.join('\n'))
}

export function annotationLines(annotations: Readonly<Record<string, string>> | null | undefined): string {
  const { [descriptionAnnotation]: description, ...others } = annotations ?? {}
  return `${description ? labelLine('Description', description) : ''}${mapLines('Annotations', others)}`
}

export function ago(time: string | null | undefined, now: Date): string {
  return `${longAge(ageOf(time, now))} ago`
}

export function metaLines(metadata: ObjectMeta, now: Date): string {
  return [
    labelLine('Name', metadata.name),
    metadata.namespace ? labelLine('Namespace', metadata.namespace) : '',
    metadata.creationTimestamp ? labelLine('Created', ago(metadata.creationTimestamp, now)) : '',
    mapLines('Labels', metadata.labels),
    annotationLines(metadata.annotations),
  ].join('')
}
