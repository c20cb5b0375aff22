const unknown = 'unknown'

function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasPlatform(entry: unknown): boolean {
  const platform = isJsonObject(entry) && isJsonObject(entry.platform) ? entry.platform : {}
  return Boolean(platform.architecture) && Boolean(platform.os)
}

function described(entry: unknown): unknown {
  if (!isJsonObject(entry) || hasPlatform(entry)) return entry
  const platform = isJsonObject(entry.platform) ? entry.platform : {}
  return {
    ...entry,
    platform: {
      ...platform,
      architecture: platform.architecture || unknown,
      os: platform.os || unknown,
    },
  }
}

/**
 * The text of an index for its Image, from which the API takes only the list of children: an Image needs a platform for
 * each (image-api.md §5.4), an index need not name one, and `unknown` is what builders write for such children.
 * The registry itself stores and serves the bytes that were pushed.
 */
export function describeIndex(text: string): string {
  const body = JSON.parse(text) as unknown
  const entries = isJsonObject(body) && Array.isArray(body.manifests) ? body.manifests : []
  if (entries.every(hasPlatform)) return text
  return JSON.stringify({ ...(body as object), manifests: entries.map(described) })
}
