import { parse, type SemVer } from 'semver'

/** Which tags of a whole repository are imported, and in which order (import.md §3.8). */
export interface RepositoryTags {
  imported: string[]
  /** Known, but not tried. */
  additional: string[]
}

interface Version {
  version: SemVer
  hasPrefix: boolean
}

const minorShape = /^v?(\d+\.\d+)(-\w+)?$/

function readVersion(text: string): Version | undefined {
  const version = parse(text.replace(/^v/, ''))
  return version === null ? undefined : { version, hasPrefix: text.startsWith('v') }
}

function readMinor(tag: string): Version | undefined {
  const match = minorShape.exec(tag)
  if (match === null) return undefined
  return readVersion(`${tag.startsWith('v') ? 'v' : ''}${match[1]}.0${match[2] ?? ''}`)
}

function newestFirst(a: Version, b: Version): number {
  return b.version.compare(a.version) || Number(a.hasPrefix) - Number(b.hasPrefix)
}

function sortVersions(tags: readonly string[], read: (tag: string) => Version | undefined): string[] {
  return tags
    .flatMap((tag) => {
      const version = read(tag)
      return version === undefined ? [] : [{ tag, version }]
    })
    .sort((a, b) => newestFirst(a.version, b.version))
    .map(({ tag }) => tag)
}

/** latest, minor versions, full versions, all others; each tag once. */
export function orderRepositoryTags(tags: readonly string[]): string[] {
  const all = [...new Set(tags.map((tag) => tag || 'latest'))]
  const latest = all.filter((tag) => tag === 'latest')
  const minor = new Set(sortVersions(all, readMinor))
  const full = sortVersions(
    all.filter((tag) => !minor.has(tag)),
    readVersion,
  )
  const taken = new Set([...latest, ...minor, ...full])
  return [...taken, ...all.filter((tag) => !taken.has(tag)).sort()]
}

/** `max` tags at most; all of them for a negative number. */
export function selectRepositoryTags(tags: readonly string[], max: number): RepositoryTags {
  const ordered = orderRepositoryTags(tags)
  const count = max < 0 ? ordered.length : max
  return { imported: ordered.slice(0, count), additional: ordered.slice(count) }
}
