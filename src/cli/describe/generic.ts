import type { KubeObject } from '../../machinery/object.ts'
import { visible } from '../io.ts'
import { formatTabs, rolloutLayout } from '../print/tab-writer.ts'
import { annotationPairs, labelPairs } from './kube-lines.ts'
import { none } from './lines.ts'

/** Kinds without a description of their own: their fields as they are, names written as titles. */

const shownElsewhere = new Set(['name', 'namespace', 'labels', 'annotations', 'managedFields'])

/** `dockerImageReference` → `Docker Image Reference`. */
function title(field: string): string {
  const words = field.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function scalar(value: unknown): string {
  return value === null || value === '' ? none : String(value)
}

function fieldLines(value: object, indent: string, skip: ReadonlySet<string>): string {
  return Object.entries(value)
    .filter(([key]) => !skip.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => valueLines(title(key), item, indent))
    .join('')
}

const noSkip: ReadonlySet<string> = new Set()

function valueLines(name: string, value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    const inner = value.map((item) =>
      typeof item === 'object' && item !== null
        ? fieldLines(item, `${indent}  `, noSkip)
        : `${indent}  ${scalar(item)}\n`,
    )
    return `${indent}${name}:\n${inner.join('')}`
  }
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length === 0
      ? `${indent}${name}:\n`
      : `${indent}${name}:\n${fieldLines(value, `${indent}  `, noSkip)}`
  }
  return `${indent}${name}:\t${scalar(value)}\n`
}

export function describeGeneric(object: KubeObject): string {
  return formatTabs(visible(genericLines(object)), rolloutLayout)
}

/** Lines with tabs between their cells. */
export function genericLines(object: KubeObject): string {
  const { metadata, apiVersion, kind, ...rest } = object as KubeObject & Record<string, unknown>
  return [
    `Name:\t${metadata.name ?? ''}\n`,
    `Namespace:\t${metadata.namespace ?? ''}\n`,
    labelPairs('Labels', metadata.labels),
    annotationPairs('Annotations', metadata.annotations),
    `API Version:\t${apiVersion ?? ''}\n`,
    `Kind:\t${kind ?? ''}\n`,
    `Metadata:\n${fieldLines(metadata, '  ', shownElsewhere)}`,
    fieldLines(rest, '', noSkip),
  ].join('')
}
