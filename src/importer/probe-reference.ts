import type { Descriptor, Digest } from '../oci/index.ts'
import { isIndexManifestType, parseManifest, parseReference } from '../oci/index.ts'
import type { Keyring, RequestOptions, Upstream } from '../upstream/index.ts'
import { isUpstreamError } from '../upstream/index.ts'
import type { Place } from './locate.ts'
import { planPlaces, wantedPart } from './locate.ts'
import type { Probe, ProbedContent, ProbeOutcome } from './plan-sweep.ts'
import type { RegistrySources } from './types.ts'

/** Carries out one look of a sweep: a HEAD with the credentials of whoever follows the reference. */

export interface ProbeDeps {
  upstream: Upstream
  sources: RegistrySources
  /** The keyring of a namespace, the node's included. */
  keyring(namespace: string): Promise<Keyring>
  signal?: AbortSignal
}

/** How many namespaces' credentials are tried for one reference. */
const mostNamespaces = 3

const temporaryKinds: ReadonlySet<string> = new Set(['network', 'timeout', 'server'])
const refusals: ReadonlySet<string> = new Set(['unauthorized', 'wrong-password', 'denied'])

/** Mirrors are asked first, as an import does; the first that has the reference answers for it. */
export async function probeReference(probe: Probe, deps: ProbeDeps): Promise<ProbeOutcome> {
  const [first] = probe.followers
  const reference = first === undefined ? undefined : parseReference(first.from)
  let outcome: ProbeOutcome = { kind: 'failed', problem: 'bad-name', isTemporary: false }
  if (first === undefined || reference === undefined) return outcome
  const { by, value } = wantedPart(reference)
  for (const place of planPlaces(reference, by, first.insecure, deps.sources)) {
    outcome = await probePlace(place, value, probe, deps)
    if (outcome.kind === 'digest') break
  }
  return outcome
}

async function probePlace(place: Place, value: string, probe: Probe, deps: ProbeDeps): Promise<ProbeOutcome> {
  const namespaces = new Set(probe.followers.map(({ namespace }) => namespace))
  let outcome: ProbeOutcome = { kind: 'failed', problem: 'unauthorized', isTemporary: false }
  for (const namespace of [...namespaces].slice(0, mostNamespaces)) {
    const options: RequestOptions = {
      insecure: place.insecure,
      credentials: await deps.keyring(namespace),
      ...(deps.signal === undefined ? {} : { signal: deps.signal }),
    }
    try {
      const { digest, mediaType } = await deps.upstream.headManifest(place.repository, value, options)
      // Without a digest in the answer only a full import can tell.
      if (digest === undefined) return { kind: 'digest', digest: '' }
      const content = await contentOf(digest, mediaType, place, probe, { ...options, ...deps })
      return { kind: 'digest', digest, ...(content && { content }) }
    } catch (error) {
      if (!isUpstreamError(error)) throw error
      outcome = toFailure(error.kind, error.retryAfterSeconds)
      if (!refusals.has(error.kind)) return outcome
    }
  }
  return outcome
}

function toFailure(kind: string, retryAfterSeconds: number | undefined): ProbeOutcome {
  return {
    kind: 'failed',
    problem: kind === 'too-many-requests' ? '' : kind,
    isTemporary: temporaryKinds.has(kind),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
}

/** A list is read once, when it is news to a follower: what it holds says who needs an import. */
async function contentOf(
  digest: Digest,
  mediaType: string,
  place: Place,
  { known, followers }: Probe,
  { upstream, ...options }: RequestOptions & Pick<ProbeDeps, 'upstream'>,
): Promise<ProbedContent | undefined> {
  if (known?.digest === digest && known.content !== undefined) return known.content
  if (mediaType === '') return undefined
  if (!isIndexManifestType(mediaType)) return 'image'
  if (followers.every(({ image }) => image === '' || image === digest)) return undefined
  try {
    const answer = await upstream.manifest(place.repository, digest, options)
    return answer.kind === 'manifest' ? entriesOf(answer.bytes, mediaType) : undefined
  } catch (error) {
    if (!isUpstreamError(error)) throw error
    return undefined
  }
}

/** Only what the choice of an entry needs is kept: there may be many lists. */
function entriesOf(bytes: Buffer, type: string): Descriptor[] | undefined {
  const parsed = parseManifest(bytes.toString('utf8'), type)
  if (!parsed.ok || parsed.manifest.kind !== 'index') return undefined
  return parsed.manifest.manifests.map(({ mediaType, digest, size, platform }) => ({
    mediaType,
    digest,
    size,
    ...(platform && { platform: { architecture: platform.architecture, os: platform.os } }),
  }))
}
