import type { KubeObject } from '../machinery/object.ts'
import {
  type ContainerList,
  type KindName,
  placedContainers,
  podSpecOf,
  podSpecPath,
  valueAt,
} from './lookup-workload.ts'

/** Where the path of a trigger leads (triggers.md §2). */
export type Located =
  | {
      kind: 'found'
      /** Field names and indices from the object down to the image. */
      path: readonly (string | number)[]
      /** What is there; undefined for a container that has no image yet. */
      image: string | undefined
      /** Name of the container, or the path where that has none. */
      container: string
    }
  /** Leads elsewhere in the object: the entry is ignored. */
  | { kind: 'elsewhere' }
  | { kind: 'invalid'; why: string }

export function locateImage(kind: KindName, object: KubeObject, fieldPath: string): Located {
  const base = podSpecPath(kind)
  return base === undefined ? locateAnywhere(object, fieldPath) : locateContainer(object, base, fieldPath)
}

const named = /^\?\(@\.name==?(?:"([^"]*)"|'([^']*)')\)$/

function locateContainer(object: KubeObject, base: readonly string[], fieldPath: string): Located {
  const prefix = `${base.join('.')}.`
  if (!fieldPath.startsWith(prefix)) return { kind: 'elsewhere' }
  const match = /^(containers|initContainers)\[([^\]]*)\]\.image$/.exec(fieldPath.slice(prefix.length))
  if (match === null) return { kind: 'invalid', why: `field path is not valid: ${fieldPath}` }
  const [, list, selector = ''] = match
  const containers = placedContainers(podSpecOf(object, base))
  const found = /^\d+$/.test(selector)
    ? containers.find((placed) => placed.list === list && placed.index === Number(selector))
    : findNamed(containers, selector)
  if (found === undefined) return { kind: 'invalid', why: `no such container: ${fieldPath}` }
  return {
    kind: 'found',
    path: [...base, found.list satisfies ContainerList, found.index, 'image'],
    image: found.container.image,
    container: found.container.name,
  }
}

/** In whichever list the name stands. */
function findNamed(containers: ReturnType<typeof placedContainers>, selector: string) {
  const match = named.exec(selector)
  if (match === null) return undefined
  const name = match[1] ?? match[2]
  return containers.find(({ container }) => container.name === name)
}

/** Names that mean something to JavaScript, and nothing to anybody else. */
const unsafe = new Set(['__proto__', 'constructor', 'prototype'])
const step = /^([A-Za-z_][\w-]*)(?:\[([^\]]*)\])?$/

/** Kinds of others: any field that holds, or may hold, text, such as `spec.template.spec.containers[0].image`. */
function locateAnywhere(object: KubeObject, fieldPath: string): Located {
  const path: (string | number)[] = []
  let value: unknown = object
  for (const part of splitPath(fieldPath)) {
    const match = step.exec(part)
    if (match === null || typeof value !== 'object' || value === null) {
      return { kind: 'invalid', why: `field path is not valid: ${fieldPath}` }
    }
    const [, field = '', selector] = match
    if (unsafe.has(field)) return { kind: 'invalid', why: `field path is not valid: ${fieldPath}` }
    path.push(field)
    value = valueAt(value, [field])
    if (selector === undefined) continue
    const index = Array.isArray(value) ? indexOf(value, selector) : -1
    if (index === -1) return { kind: 'invalid', why: `no such container: ${fieldPath}` }
    path.push(index)
    value = (value as unknown[])[index]
  }
  const [root] = path
  const isFree = path.length > 1 && root !== 'metadata' && root !== 'status'
  if (isFree && (value === undefined || typeof value === 'string')) {
    return { kind: 'found', path, image: value, container: fieldPath }
  }
  return { kind: 'invalid', why: `field path is not valid: ${fieldPath}` }
}

/** At the dots outside of brackets. */
function splitPath(fieldPath: string): string[] {
  const parts: string[] = []
  let start = 0
  let isInside = false
  for (let at = 0; at < fieldPath.length; at++) {
    const character = fieldPath[at]
    if (character === '[' || character === ']') isInside = character === '['
    if (character !== '.' || isInside) continue
    parts.push(fieldPath.slice(start, at))
    start = at + 1
  }
  return [...parts, fieldPath.slice(start)]
}

function indexOf(items: readonly unknown[], selector: string): number {
  if (/^\d+$/.test(selector)) return Number(selector) < items.length ? Number(selector) : -1
  const match = named.exec(selector)
  const name = match?.[1] ?? match?.[2]
  return match === null ? -1 : items.findIndex((item) => valueAt(item, ['name']) === name)
}
