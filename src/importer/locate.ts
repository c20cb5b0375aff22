import { planSources } from '../image/index.ts'
import type { ImageReference } from '../oci/index.ts'
import { asV2, isImageDigest, mostSpecific, parseReference, withClientDefaults } from '../oci/index.ts'
import type { Repository } from '../upstream/index.ts'
import type { RegistrySources } from './types.ts'

/** Where a reference is to be looked for (import.md §3.1, §6). Pure. */

/** Registry and name as the upstream client wants them. */
export function toRepository(reference: ImageReference): Repository {
  const { registry, namespace, name } = withClientDefaults(reference)
  return { registry, name: namespace === '' ? name : `${namespace}/${name}` }
}

/** What is asked for: the digest, else the tag, `latest` where neither is given. */
export function wantedPart(reference: ImageReference): { by: 'tag' | 'digest'; value: string } {
  const { tag, id } = mostSpecific(withClientDefaults(reference))
  return isImageDigest(id) ? { by: 'digest', value: id } : { by: 'tag', value: tag }
}

export interface Place {
  repository: Repository
  insecure: boolean
  isMirror: boolean
}

/** Mirrors first, the original last. Its own entry decides whether a mirror may be insecure. */
export function planPlaces(
  reference: ImageReference,
  by: 'tag' | 'digest',
  isInsecure: boolean,
  sources: RegistrySources,
): Place[] {
  const original = toRepository(reference)
  const full = `${original.registry}/${original.name}`
  return planSources(full, by, sources.mirrors, false).flatMap(({ repository, isMirror }) => {
    const parsed = isMirror ? parseReference(repository) : undefined
    if (isMirror && (parsed === undefined || parsed.name === '')) return []
    const place = parsed === undefined ? original : toRepository(parsed)
    const listed = sources.insecure.includes(place.registry)
    return [{ repository: place, isMirror, insecure: listed || (!isMirror && isInsecure) }]
  })
}

/**
 * The registry, as the user wrote it, when the cluster's configuration blocks it and no mirror stands in for it. `target`
 * is the reference with client defaults.
 */
export function blockedRegistry(
  written: ImageReference,
  target: ImageReference,
  by: 'tag' | 'digest',
  sources: RegistrySources,
): string | undefined {
  const isBlocked = [target.registry, asV2(target).registry].some((name) => sources.blocked.includes(name))
  const hasMirror = isBlocked && planPlaces(target, by, false, sources).some(({ isMirror }) => isMirror)
  return isBlocked && !hasMirror ? written.registry || target.registry : undefined
}
