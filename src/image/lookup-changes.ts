import type { KubeObject } from '../machinery/object.ts'
import { resolveNamesAnnotation } from './lookup-image.ts'
import { type PlacedContainer, placedContainers, podSpecOf, templateMeta } from './lookup-workload.ts'

/** Whether the object, or its pod template, asks for every image to be looked up (triggers.md §7.1). */
export function asksForNames(object: KubeObject, path: readonly string[]): boolean {
  return [object.metadata, templateMeta(object, path)].some(
    (meta) => meta?.annotations?.[resolveNamesAnnotation] === '*',
  )
}

/**
 * The containers that a write looks at: all of a new object; of an old one those whose image changes, or all when it starts or stops
 * asking for names (triggers.md §7.2).
 */
export function lookedUpContainers(
  next: KubeObject,
  old: KubeObject | undefined,
  path: readonly string[],
): PlacedContainer[] {
  const containers = placedContainers(podSpecOf(next, path))
  if (old === undefined || asksForNames(next, path) !== asksForNames(old, path)) return containers
  const before = placedContainers(podSpecOf(old, path))
  return containers.filter(({ container }) => {
    const known = before.find((other) => other.container.name === container.name)
    return known === undefined || known.container.image !== container.image
  })
}
