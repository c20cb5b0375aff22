import type { Digest } from '../oci/digest.ts'
import { parseDigest } from '../oci/digest.ts'
import { parseRepositoryName } from '../oci/repository-name.ts'
import { parseTagName } from '../oci/tag-name.ts'
import { UpstreamError } from './errors.ts'

/** A repository in another registry, with the client defaults already applied (image-api.md §3.1). */
export interface Repository {
  /** `host[:port]`; Docker Hub under any of its names. */
  registry: string
  /** All components, `library/` included. */
  name: string
}

const hubNames: ReadonlySet<string> = new Set(['', 'docker.io', 'index.docker.io', 'registry-1.docker.io'])
const hubHost = 'registry-1.docker.io'

const label = '[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*'
const hostShape = new RegExp(`^${label}(?:\\.${label})*(?::[0-9]{1,5})?$`)

export function isHub(registry: string): boolean {
  return hubNames.has(registry)
}

/** The host that speaks the protocol: `registry-1.docker.io` for Docker Hub, others are themselves. */
export function registryHost(registry: string): string {
  return isHub(registry) ? hubHost : registry
}

/** `https://host`; UpstreamError `bad-name` unless it is exactly `host[:port]`. */
export function registryUrl(registry: string, scheme: 'https' | 'http'): URL {
  const host = registryHost(registry)
  if (!hostShape.test(host) || !URL.canParse(`${scheme}://${host}/`)) {
    throw new UpstreamError('bad-name', `"${printable(registry)}" is not the name of a registry`)
  }
  return new URL(`${scheme}://${host}/`)
}

/** Path under `/v2/`; every part is checked against its grammar first, so that none can lead elsewhere (threat 5). */
export function manifestPath(name: string, reference: string): string {
  if (parseTagName(reference) === undefined && parseDigest(reference) === undefined) {
    throw new UpstreamError('bad-name', `"${printable(reference)}" is neither a tag nor a digest`)
  }
  return `/v2/${checkedName(name)}/manifests/${reference}`
}

export function blobPath(name: string, digest: string): string {
  return `/v2/${checkedName(name)}/blobs/${checkedDigest(digest)}`
}

export function tagsPath(name: string): string {
  return `/v2/${checkedName(name)}/tags/list`
}

export function checkedDigest(digest: string): Digest {
  const parsed = parseDigest(digest)
  if (parsed === undefined) throw new UpstreamError('bad-name', `"${printable(digest)}" is not a digest`)
  return parsed
}

function checkedName(name: string): string {
  const parsed = parseRepositoryName(name)
  if (parsed !== undefined) return parsed
  throw new UpstreamError('bad-name', `"${printable(name)}" is not the name of a repository`)
}

/** Text of others for a message: one line without control and format characters, cut short. */
export function printable(text: string, longest = 200): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean
}
