import type { PodSpec } from '../../api/index.ts'
import {
  asksForNames,
  containerLists,
  hasController,
  lookedUpContainers,
  type PlacedContainer,
  podSpecOf,
  withPodSpec,
} from '../../image/index.ts'
import { type FieldError, invalid } from '../../machinery/errors.ts'
import type { Kind } from '../../machinery/kind.ts'
import type { Admit } from './admission.ts'
import { admitImage, type ImageLookupDeps } from './image-lookup.ts'

/**
 * Image lookup in the containers of a pod or pod template at `path` (triggers.md §7). `isFixed`: the kind's template can't change
 * after its creation.
 */
export function admitWorkloadImages(
  kind: Kind,
  path: readonly string[],
  isFixed: boolean,
  deps: ImageLookupDeps,
): Admit {
  return async (next, old, { namespace }) => {
    const spec = podSpecOf(next, path)
    if (spec === undefined || hasController(next)) return next
    const scope = {
      namespace,
      resource: { group: kind.group, resource: kind.plural },
      isForced: asksForNames(next, path),
      mayRewrite: old === undefined || !isFixed,
    }
    const errors: FieldError[] = []
    const images = new Map<PlacedContainer, string>()
    for (const placed of lookedUpContainers(next, old, path)) {
      const { list, index, container } = placed
      if (container.image === undefined || container.image === '') continue
      const field = `${path.join('.')}.${list}[${index}].image`
      const admitted = await admitImage(container.image, field, scope, deps)
      if ('error' in admitted) errors.push(admitted.error)
      else if (admitted.image !== container.image) images.set(placed, admitted.image)
    }
    if (errors.length > 0) throw invalid(kind, next.metadata.name ?? '', errors)
    return images.size === 0 ? next : withPodSpec(next, path, withImages(spec, images))
  }
}

/** `imagePullPolicy` follows from the text as written, so it is settled before that is gone (triggers.md §7.3). */
function withImages(spec: PodSpec, images: ReadonlyMap<PlacedContainer, string>): PodSpec {
  const next = { ...spec }
  for (const list of containerLists) {
    const containers = spec[list]
    if (containers === undefined) continue
    next[list] = containers.map((container, index) => {
      const found = [...images].find(([placed]) => placed.list === list && placed.index === index)
      if (found === undefined) return container
      return {
        ...container,
        image: found[1],
        imagePullPolicy: container.imagePullPolicy || pullPolicyFor(container.image ?? ''),
      }
    })
  }
  return next
}

function pullPolicyFor(written: string): string {
  const colon = written.lastIndexOf(':')
  const tag = colon > written.lastIndexOf('/') ? written.slice(colon + 1) : 'latest'
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}
