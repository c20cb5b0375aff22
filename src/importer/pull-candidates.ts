import { planSources } from '../image/index.ts'
import type { Digest, ImageReference } from '../oci/index.ts'
import { asRepository, parseReference } from '../oci/index.ts'
import type { Repository } from '../upstream/index.ts'
import { toRepository } from './locate.ts'
import type { RegistrySources } from './types.ts'

/** Where a stream's content may be fetched from, in order (registry.md B-50, B-51, B-54 to B-57, B-68). Pure. */

/** The part of a stream that the registry knows. */
export interface PulledStream {
  readonly namespace: string
  readonly name: string
  /** Histories by tag, newest first. */
  readonly tags: ReadonlyMap<string, readonly { image: string; dockerImageReference: string }[]>
  /** This registry's own names for the stream. */
  readonly ownRepositories: readonly string[]
  readonly isInsecure: boolean
  readonly insecureTags: ReadonlySet<string>
}

export interface Candidate {
  repository: Repository
  insecure: boolean
}

interface Origin {
  tag: string
  reference: ImageReference
  image: string
}

/** The stream's history, current items of all tags first, then older ones; own content left out. */
function origins(stream: PulledStream, serverAddress: string): Origin[] {
  const own = new Set([
    serverAddress,
    ...stream.ownRepositories.map((text) => parseReference(text)?.registry ?? ''),
  ])
  const read = (tag: string, items: readonly { image: string; dockerImageReference: string }[]): Origin[] =>
    items.flatMap(({ image, dockerImageReference }) => {
      const reference = parseReference(dockerImageReference)
      if (reference === undefined || reference.name === '' || own.has(toRepository(reference).registry))
        return []
      return [{ tag, image, reference: asRepository(reference) }]
    })
  const tags = [...stream.tags]
  return [
    ...tags.flatMap(([tag, items]) => read(tag, items.slice(0, 1))),
    ...tags.flatMap(([tag, items]) => read(tag, items.slice(1))),
  ]
}

const nameOf = ({ registry, name }: Repository): string => `${registry}/${name}`

/** Mirrors of the repository, then itself. A mirror may be insecure where the tag or the configuration says so. */
function withMirrors(reference: ImageReference, insecure: boolean, sources: RegistrySources): Candidate[] {
  const original = toRepository(reference)
  return planSources(nameOf(original), 'digest', sources.mirrors, true).flatMap(
    ({ repository, isMirror }) => {
      const parsed = isMirror ? parseReference(repository) : undefined
      if (isMirror && (parsed === undefined || parsed.name === '')) return []
      const place = parsed === undefined ? original : toRepository(parsed)
      return [{ repository: place, insecure: insecure || sources.insecure.includes(place.registry) }]
    },
  )
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  const first = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const key = nameOf(candidate.repository)
    if (!first.has(key)) first.set(key, candidate)
  }
  return [...first.values()]
}

/** A manifest may be in at most so many repositories of one stream before asking gets too dear. */
const mostOrigins = 8

/**
 * The repository of the event that holds the digest; for an entry of a list, whose parent isn't known here, those of all
 * events. Only that tag's own `insecure` counts (B-54).
 */
export function manifestCandidates(
  stream: PulledStream,
  digest: Digest,
  tag: string | undefined,
  serverAddress: string,
  sources: RegistrySources,
): Candidate[] {
  const all = origins(stream, serverAddress)
  const holding = all.filter(({ image }) => image === digest)
  const ofTag = holding.filter((origin) => origin.tag === tag)
  const chosen = ofTag.length > 0 ? ofTag.slice(0, 1) : holding.length > 0 ? holding.slice(0, 1) : all
  const candidates = chosen.flatMap((origin) =>
    withMirrors(origin.reference, stream.isInsecure || stream.insecureTags.has(origin.tag), sources),
  )
  return distinct(candidates).slice(0, mostOrigins)
}

/** Every repository that the stream ever imported from; insecure by host, when any of its tags there is (B-56). */
export function blobCandidates(
  stream: PulledStream,
  serverAddress: string,
  sources: RegistrySources,
): Candidate[] {
  const all = origins(stream, serverAddress)
  const insecureHosts = new Set(
    all
      .filter(({ tag }) => stream.insecureTags.has(tag))
      .map(({ reference }) => toRepository(reference).registry),
  )
  return distinct(
    all.flatMap(({ reference }) => {
      const insecure = stream.isInsecure || insecureHosts.has(toRepository(reference).registry)
      return withMirrors(reference, insecure, sources)
    }),
  )
}

/** The one that had it last, then secure before insecure, then by name; at most a few (B-57). */
export function orderCandidates(
  candidates: readonly Candidate[],
  remembered: string | undefined,
): Candidate[] {
  const rank = ({ repository, insecure }: Candidate) =>
    nameOf(repository) === remembered ? 0 : insecure ? 2 : 1
  const byName = (a: Candidate, b: Candidate) => (nameOf(a.repository) < nameOf(b.repository) ? -1 : 1)
  return candidates.toSorted((a, b) => rank(a) - rank(b) || byName(a, b)).slice(0, mostCandidates)
}

const mostCandidates = 32
