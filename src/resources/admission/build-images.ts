import { type Build, type BuildStrategy, builds, type ObjectReference } from '../../api/index.ts'
import { hasController, resolveNamesAnnotation } from '../../image/index.ts'
import { type FieldError, invalid } from '../../machinery/errors.ts'
import type { Admit } from './admission.ts'
import { admitImage, type ImageLookupDeps } from './image-lookup.ts'

const strategies = ['customStrategy', 'dockerStrategy', 'sourceStrategy'] as const

/** Image lookup in what a Build builds from (triggers.md §7.2, §7.3): references to docker images only, and only when it is new. */
export function admitBuildImages(deps: ImageLookupDeps): Admit {
  return async (object, old, { namespace }) => {
    if (old !== undefined || hasController(object)) return object
    const next = object as Build
    const scope = {
      namespace,
      resource: { group: builds.group, resource: builds.plural },
      isForced: next.metadata.annotations?.[resolveNamesAnnotation] === '*',
      mayRewrite: true,
    }
    const errors: FieldError[] = []
    const admit = async (from: ObjectReference, field: string): Promise<ObjectReference> => {
      if (from.kind !== 'DockerImage' || !from.name) return from
      const admitted = await admitImage(from.name, `${field}.from.name`, scope, deps)
      if (!('error' in admitted)) return { ...from, name: admitted.image }
      errors.push(admitted.error)
      return from
    }
    const images = []
    for (const [index, image] of (next.spec.source?.images ?? []).entries()) {
      images.push({ ...image, from: await admit(image.from, `spec.source.images[${index}]`) })
    }
    const strategy: BuildStrategy = { ...next.spec.strategy }
    for (const name of strategies) {
      const part = strategy[name]
      if (part?.from === undefined) continue
      Object.assign(strategy, { [name]: { ...part, from: await admit(part.from, `spec.strategy.${name}`) } })
    }
    if (errors.length > 0) throw invalid(builds, next.metadata.name ?? '', errors)
    const source = images.length === 0 ? next.spec.source : { ...next.spec.source, images }
    return { ...next, spec: { ...next.spec, source, strategy } } as Build
  }
}
