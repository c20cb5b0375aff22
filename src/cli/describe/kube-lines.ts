import type { KubeObject } from '../../machinery/object.ts'
import { none } from './lines.ts'

/** The building blocks of descriptions of Kubernetes' own kinds: cells end in tabs, levels are two blanks each. */

export type Json = Record<string, unknown>

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

export function sortedEntries(map: object | null | undefined): [string, string][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** `Labels:⇥a=b`, further ones on lines of their own. */
export function labelPairs(title: string, map: object | null | undefined, indent = ''): string {
  const entries = sortedEntries(map)
  if (entries.length === 0) return `${indent}${title}:\t${none}\n`
  return entries.map(([k, v], i) => `${indent}${i === 0 ? `${title}:` : ''}\t${k}=${v}\n`).join('')
}

/** Long values and those of several lines stand below their key. What apply notes for itself is left out. */
export function annotationPairs(title: string, map: object | null | undefined, indent = ''): string {
  const entries = sortedEntries(map).filter(([key]) => key !== lastApplied)
  if (entries.length === 0) return `${indent}${title}:\t${none}\n`
  return entries
    .map(([key, value], i) => {
      const head = `${indent}${i === 0 ? `${title}:` : ''}\t${key}:`
      const text = value.endsWith('\n') ? value.slice(0, -1) : value
      const isShort = value.length + key.length + 2 <= 140 && !text.includes('\n')
      if (isShort) return `${head} ${text}\n`
      return `${head}\n${text
        .split('\n')
        .map((line) => `${indent}\t  ${line.length > 138 ? `${line.slice(0, 138)}...` : line}\n`)
        .join('')}`
    })
    .join('')
}

export function nameLines({ metadata }: KubeObject, namespaced: boolean): string {
  return [
    `Name:\t${metadata.name ?? ''}\n`,
    namespaced ? `Namespace:\t${metadata.namespace ?? ''}\n` : '',
    labelPairs('Labels', metadata.labels),
    annotationPairs('Annotations', metadata.annotations),
  ].join('')
}

export function objectsOf(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : []
}

export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}
