import { type Descriptor, type Digest, isNonDistributableLayer, type Manifest } from '../oci/index.ts'
import { errorItem, RegistryError, registryError } from './errors.ts'

/** Blobs that must be there before a manifest may be (registry.md ), each once. */
export function requiredBlobs(manifest: Manifest): Descriptor[] {
  if (manifest.kind === 'index') return []
  const found = new Map<Digest, Descriptor>([[manifest.config.digest, manifest.config]])
  for (const layer of manifest.layers) {
    const isElsewhere = isNonDistributableLayer(layer.mediaType) || layer.urls !== undefined
    if (!isElsewhere && !found.has(layer.digest)) found.set(layer.digest, layer)
  }
  return [...found.values()]
}

const lookups = 16

/** Throws one MANIFEST_BLOB_UNKNOWN for each that is missing, or MANIFEST_INVALID for one of another size. */
export async function checkReferences(
  manifest: Manifest,
  sizeOf: (digest: Digest) => Promise<number | undefined>,
): Promise<void> {
  const required = requiredBlobs(manifest)
  const missing: Digest[] = []
  for (let at = 0; at < required.length; at += lookups) {
    const some = required.slice(at, at + lookups)
    const sizes = await Promise.all(some.map(({ digest }) => sizeOf(digest)))
    for (const [index, { digest, size: declared }] of some.entries()) {
      const actual = sizes[index]
      if (actual === undefined) missing.push(digest)
      else if (actual !== declared) {
        throw registryError('MANIFEST_INVALID', {
          detail: `${digest} has ${actual} bytes, not ${declared}`,
        })
      }
    }
  }
  if (missing.length > 0) {
    throw new RegistryError(missing.map((digest) => errorItem('MANIFEST_BLOB_UNKNOWN', digest)))
  }
}
