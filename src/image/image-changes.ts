import { type DockerConfig, type DockerImage, dockerImageOf, type Image } from '../api/image/index.ts'
import type { ImageChange } from '../api/weir/index.ts'

/** Labels whose values tell where an image comes from. Others may hold anything, and are not kept. */
const toldLabels = [
  'org.opencontainers.image.created',
  'org.opencontainers.image.revision',
  'org.opencontainers.image.source',
  'org.opencontainers.image.version',
  'io.openshift.build.commit.id',
  'io.openshift.build.commit.ref',
  'io.openshift.build.source-location',
  'vcs-ref',
  'version',
]

/** Records are read by people, and an image says what it likes. */
const longestText = 256
const mostNames = 100

function shortened(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`
}

function textChange(field: string, before = '', after = ''): ImageChange[] {
  if (before === after) return []
  return [
    {
      field,
      ...(before === '' ? {} : { before: shortened(before) }),
      ...(after === '' ? {} : { after: shortened(after) }),
    },
  ]
}

/** Most often nothing but the layers differs between two images of a tag. */
function isSameList(before: readonly string[] = [], after: readonly string[] = []): boolean {
  return before.length === after.length && before.every((entry, at) => entry === after[at])
}

function wordsChange(field: string, before?: readonly string[], after?: readonly string[]): ImageChange[] {
  return isSameList(before, after) ? [] : textChange(field, words(before), words(after))
}

/** `before` and `after` by name; a name whose value differs is told, its values never. */
function namesChange(
  field: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ImageChange[] {
  const told = (names: Iterable<string>) =>
    [...names]
      .sort()
      .slice(0, mostNames)
      .map((name) => shortened(name))
  const added = told([...after.keys()].filter((name) => !before.has(name)))
  const removed = told([...before.keys()].filter((name) => !after.has(name)))
  const changed = told(
    [...after]
      .filter(([name, value]) => before.has(name) && before.get(name) !== value)
      .map(([name]) => name),
  )
  if (added.length + removed.length + changed.length === 0) return []
  return [
    {
      field,
      ...(added.length === 0 ? {} : { added }),
      ...(removed.length === 0 ? {} : { removed }),
      ...(changed.length === 0 ? {} : { changed }),
    },
  ]
}

function words(list: readonly string[] | undefined): string {
  return (list ?? []).map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')
}

function envByName({ Env = [] }: DockerConfig): Map<string, string> {
  return new Map(
    Env.map((entry) => {
      const at = entry.indexOf('=')
      return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}

function portNames({ ExposedPorts = {} }: DockerConfig): Map<string, string> {
  return new Map(Object.keys(ExposedPorts).map((port) => [port, '']))
}

/** A stored Image holds its metadata as they are read. */
function metadataOf(image: Image): DockerImage {
  const known = image.dockerImageMetadata as DockerImage | undefined
  return known?.kind === 'DockerImage' && known.apiVersion === 'image.openshift.io/1.0'
    ? known
    : dockerImageOf(image)
}

function platformsOf(image: Image): string {
  const { Architecture = '' } = metadataOf(image)
  const entries = image.dockerImageManifests ?? []
  if (entries.length === 0) return Architecture
  const names = entries.map(({ os, architecture, variant }) =>
    [os, architecture, ...(variant ? [variant] : [])].join('/'),
  )
  return [...new Set(names)].sort().join(',')
}

function labelChanges(before: DockerConfig, after: DockerConfig): ImageChange[] {
  if (before.Labels === undefined && after.Labels === undefined) return []
  return toldLabels.flatMap((name) => textChange(name, before.Labels?.[name], after.Labels?.[name]))
}

/**
 * What differs between the configs of two images, for people: who runs what, names of the environment (never values), ports,
 * size in bytes, platforms, and the labels that tell the source.
 */
export function imageChanges(before: Image, after: Image): ImageChange[] {
  const [old, next] = [metadataOf(before), metadataOf(after)]
  const [was, is] = [old.Config ?? {}, next.Config ?? {}]
  const size = ({ Size }: { Size?: number }) => (Size === undefined ? '' : String(Size))
  return [
    ...textChange('user', was.User, is.User),
    ...textChange('workingDir', was.WorkingDir, is.WorkingDir),
    ...wordsChange('entrypoint', was.Entrypoint, is.Entrypoint),
    ...wordsChange('cmd', was.Cmd, is.Cmd),
    ...namesChange('ports', portNames(was), portNames(is)),
    ...(isSameList(was.Env, is.Env) ? [] : namesChange('env', envByName(was), envByName(is))),
    ...textChange('size', size(old), size(next)),
    ...textChange('platforms', platformsOf(before), platformsOf(after)),
    ...labelChanges(was, is),
  ]
}
