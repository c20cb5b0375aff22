import type { ApiResource, Discovered } from './discovery.ts'

/** Finding a resource by what a user types (cli.md §0.9): plural, singular, short name, kind, with `.group` or `.version.group`. */

function candidates(discovered: Discovered, word: string): ApiResource[] {
  const lower = word.toLowerCase()
  const named = discovered.resources.filter((r) => r.plural === lower || r.singular === lower)
  if (named.length > 0) return named
  const short = discovered.resources.filter((r) => r.shortNames.includes(lower))
  if (short.length > 0) return short
  return discovered.resources.filter((r) => r.kind.toLowerCase() === lower)
}

/** undefined when the server has no such type. Of several the first group's preferred version is taken. */
export function findResource(discovered: Discovered, text: string): ApiResource | undefined {
  const [word = '', first, ...rest] = text.split('.')
  if (first === undefined) return candidates(discovered, word)[0]
  const group = [first, ...rest].join('.')
  const inGroup = candidates(discovered, word)
  const exact = inGroup.find((r) => r.group === group)
  if (exact !== undefined) return exact
  const inner = rest.join('.')
  const versioned = inGroup.find((r) => r.version === first && r.group === inner)
  if (versioned !== undefined) return versioned
  return inGroup.find((r) => r.group !== '' && r.group.startsWith(`${group}.`))
}

/** The types of a category (`all`), in the server's order, one version of each. */
export function findCategory(discovered: Discovered, category: string): ApiResource[] {
  const seen = new Set<string>()
  return discovered.resources.filter((r) => {
    const key = `${r.group}/${r.plural}`
    if (!r.categories.includes(category) || seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** The resource of a kind, undefined when the group version doesn't serve it. */
export function findKind(discovered: Discovered, apiVersion: string, kind: string): ApiResource | undefined {
  const slash = apiVersion.indexOf('/')
  const group = slash === -1 ? '' : apiVersion.slice(0, slash)
  const version = apiVersion.slice(slash + 1)
  return discovered.resources.find((r) => r.kind === kind && r.group === group && r.version === version)
}

/** `/apis/g/v/namespaces/ns/plural/name/sub`; `namespace` counts only for namespaced resources. */
export function resourcePath(
  resource: Pick<ApiResource, 'group' | 'version' | 'plural' | 'namespaced'>,
  namespace: string,
  name = '',
  subresource = '',
): string {
  const root =
    resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  const inside = resource.namespaced && namespace !== '' ? `/namespaces/${escapeSegment(namespace)}` : ''
  const named = name === '' ? '' : `/${escapeSegment(name)}`
  return `${root}${inside}/${resource.plural}${named}${subresource === '' ? '' : `/${subresource}`}`
}

/** Percent-encoding that leaves `:` and `@` alone, as names of image stream tags have them (cli.md §20.2). */
export function escapeSegment(text: string): string {
  return encodeURIComponent(text).replace(/%(3A|40|2B|24|26|3D)/g, (escaped) => decodeURIComponent(escaped))
}
