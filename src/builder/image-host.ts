import { parseReference, withClientDefaults } from '../oci/index.ts'

/** The registry, `host[:port]`, that a client would ask for the image; undefined for text that names no image in a registry. */
export function parseImageHost(image: string): string | undefined {
  const reference = parseReference(image)
  return reference === undefined || reference.name === '' ? undefined : withClientDefaults(reference).registry
}
