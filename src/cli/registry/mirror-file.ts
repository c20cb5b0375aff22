import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type MirrorEntry, planSources, toMirrorEntries } from '../../image/index.ts'
import { type ImageReference, parseReference } from '../../oci/index.ts'
import type { CommandContext } from '../command.ts'
import { CliError, fileProblem, messageOf } from '../errors.ts'
import type { Flag } from '../parse/flags.ts'
import { parseYaml } from '../parse/yaml.ts'
import type { Opener } from './open.ts'
import type { Registry } from './registry-client.ts'
import type { Repository } from './repository.ts'

/** Other places of images, from --idms-file and --icsp-file: asked when the place that was named fails. */

export const mirrorFlags: readonly Flag[] = [
  {
    name: 'icsp-file',
    kind: 'string',
    hidden: true,
    deprecated: 'support for it will be removed in a future release. Use --idms-file instead.',
    help: 'File with an ImageContentSourcePolicy.',
  },
  {
    name: 'idms-file',
    kind: 'string',
    help: 'File with an ImageDigestMirrorSet: where else images are, for when the place named fails.',
  },
]

const kinds = {
  'icsp-file': { kind: 'ImageContentSourcePolicy', list: 'contentSourcePolicies' },
  'idms-file': { kind: 'ImageDigestMirrorSet', list: 'digestMirrorSets' },
} as const

async function readMirrors({ flags, io }: CommandContext): Promise<MirrorEntry[]> {
  const given = (['icsp-file', 'idms-file'] as const).filter((flag) => flags.string(flag) !== '')
  if (given.length > 1) throw new CliError('icsp-file and idms-file are mutually exclusive')
  const [flag] = given
  if (flag === undefined) return []
  const path = flags.string(flag)
  const { kind, list } = kinds[flag]
  const text = await readFile(resolve(io.cwd, path), 'utf8').catch((error: unknown) => {
    throw new CliError(`unable to read ${kind} file ${path}: ${fileProblem(error, path)}`)
  })
  const object = await parseYaml(text).catch((error: unknown) => {
    throw new CliError(`error decoding ${kind} from ${path}: ${messageOf(error)}`)
  })
  if ((object as { kind?: string } | null)?.kind !== kind)
    throw new CliError(`error decoding ${kind} from ${path}: it holds something else`)
  return toMirrorEntries({
    contentSourcePolicies: [],
    digestMirrorSets: [],
    tagMirrorSets: [],
    [list]: [object],
  })
}

/** Tries each in turn; when all fail, what the first one said counts. */
async function firstOf<T>(
  places: readonly (() => Promise<Repository>)[],
  read: (repository: Repository) => Promise<T>,
): Promise<T> {
  let first: unknown
  for (const [i, open] of places.entries()) {
    try {
      return await read(await open())
    } catch (error) {
      if (i === 0) first = error
    }
  }
  throw first
}

/** An opener whose repositories are read from their mirrors where they can't be read themselves. */
export async function withMirrors(context: CommandContext, open: Opener): Promise<Opener> {
  const entries = await readMirrors(context)
  if (entries.length === 0) return open
  return async (reference) => {
    const repository = await open(reference)
    const mirrors = repository.kind === 'registry' ? mirrorsOf(repository, entries) : []
    if (repository.kind !== 'registry' || mirrors.length === 0) return repository
    const places = [async () => repository, ...mirrors.map((mirror) => () => open(mirror))]
    return {
      ...repository,
      manifest: (which) => firstOf(places, (one) => one.manifest(which)),
      blob: (digest) => firstOf(places, (one) => one.blob(digest)),
      tags: () => firstOf(places, (one) => one.tags()),
    } satisfies Registry
  }
}

function mirrorsOf({ host, repository }: Registry, entries: readonly MirrorEntry[]): ImageReference[] {
  const name = `${host === 'registry-1.docker.io' ? 'docker.io' : host}/${repository}`
  return planSources(name, 'digest', entries, false)
    .filter(({ isMirror }) => isMirror)
    .flatMap((mirror) => parseReference(mirror.repository) ?? [])
}
