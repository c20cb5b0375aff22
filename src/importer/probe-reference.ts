import { parseReference } from '../oci/index.ts'
import type { Keyring, Upstream } from '../upstream/index.ts'
import { isUpstreamError } from '../upstream/index.ts'
import { planPlaces, wantedPart } from './locate.ts'
import type { Probe, ProbeOutcome } from './plan-sweep.ts'
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

export async function probeReference(probe: Probe, deps: ProbeDeps): Promise<ProbeOutcome> {
  const [first] = probe.followers
  const reference = first === undefined ? undefined : parseReference(first.from)
  if (first === undefined || reference === undefined)
    return { kind: 'failed', problem: 'bad-name', isTemporary: false }
  const { by, value } = wantedPart(reference)
  const [place] = planPlaces(reference, by, first.insecure, deps.sources)
  if (place === undefined) return { kind: 'failed', problem: 'bad-name', isTemporary: false }
  const namespaces = [...new Set(probe.followers.map(({ namespace }) => namespace))].slice(0, mostNamespaces)
  let outcome: ProbeOutcome = { kind: 'failed', problem: 'unauthorized', isTemporary: false }
  for (const namespace of namespaces) {
    const credentials = await deps.keyring(namespace)
    const options = {
      insecure: place.insecure,
      credentials,
      ...(deps.signal === undefined ? {} : { signal: deps.signal }),
    }
    try {
      const { digest } = await deps.upstream.headManifest(place.repository, value, options)
      // Without a digest in the answer only a full import can tell.
      return { kind: 'digest', digest: digest ?? '' }
    } catch (error) {
      if (!isUpstreamError(error)) throw error
      const { kind, retryAfterSeconds } = error
      outcome = {
        kind: 'failed',
        problem: kind === 'too-many-requests' ? '' : kind,
        isTemporary: temporaryKinds.has(kind),
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      }
      if (kind !== 'unauthorized' && kind !== 'wrong-password' && kind !== 'denied') return outcome
    }
  }
  return outcome
}
