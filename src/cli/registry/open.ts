import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  formatExact,
  type ImageReference,
  parseReference,
  referenceProblem,
  withClientDefaults,
} from '../../oci/index.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import type { Flag } from '../parse/flags.ts'
import { userAgent } from '../version.ts'
import { createCredentialLookup } from './auth-file.ts'
import { openFolderRepository } from './folder-repository.ts'
import { createRegistry, type Registry } from './registry-client.ts'
import type { Repository } from './repository.ts'

/** What the `image` commands share (cli.md §16). */

export const registryFlags: readonly Flag[] = [
  { name: 'dir', kind: 'string', help: 'The folder that file:// images are in; default the current one.' },
  {
    name: 'certificate-authority',
    kind: 'string',
    help: 'File with the certificates that the registry is checked by.',
  },
  {
    name: 'filter-by-os',
    kind: 'string',
    help: 'A pattern for os/arch[/variant]: which image of a manifest list is meant.',
  },
  {
    name: 'insecure',
    kind: 'bool',
    help: 'The registry may speak HTTP or have a certificate that nobody vouches for.',
  },
  { name: 'registry-config', short: 'a', kind: 'string', help: 'File with credentials of registries.' },
  { name: 'skip-verification', kind: 'bool', help: "Don't check digests." },
]

/** What stands for the registry of a `file://` image. */
export const folderRegistry = 'file://'

export function parseImage(text: string): ImageReference {
  if (text.startsWith('s3://'))
    throw new CliError(
      `${JSON.stringify(text)}: buckets are not supported; mirror to file:// and copy the folder with a tool of the store`,
    )
  if (text.startsWith(folderRegistry)) return parseFolderImage(text)
  const parsed = parseReference(text)
  if (parsed === undefined || parsed.name === '') {
    throw new CliError(
      `${JSON.stringify(text)} is not a valid image reference: ${referenceProblem(text) ?? 'it names no repository'}`,
    )
  }
  return parsed
}

/** All before the tag is the repository's path, a host too. */
function parseFolderImage(text: string): ImageReference {
  const parsed = parseReference(text.slice(folderRegistry.length).replace(/^\/+/, ''))
  if (parsed === undefined || parsed.name === '')
    throw new CliError(`${JSON.stringify(text)} is not a valid image reference: it names no repository`)
  const namespace = [parsed.registry.replaceAll(':', '_'), parsed.namespace]
    .filter((part) => part !== '')
    .join('/')
  return { ...parsed, registry: folderRegistry, namespace }
}

export const isFolderImage = ({ registry }: ImageReference) => registry === folderRegistry

/** As written, with the registry and namespace that are meant; a tag is not made up. */
export function completeImage(reference: ImageReference): ImageReference {
  return isFolderImage(reference) ? reference : { ...withClientDefaults(reference), tag: reference.tag }
}

export function formatImage(reference: ImageReference): string {
  return isFolderImage(reference)
    ? `${folderRegistry}${formatExact({ ...reference, registry: '' })}`
    : formatExact(reference)
}

export type Opener = (reference: ImageReference) => Promise<Repository>

/**
 * Opens repositories with the credentials and the trust that the flags say. `file://` ones are in the folder of the
 * flag `folderFlag`, or else of --dir.
 */
export function createOpener(context: CommandContext, folderFlag = 'dir'): Opener {
  const { flags, io, program } = context
  const lookup = createCredentialLookup(flags.string('registry-config'), io.env, io.cwd)
  const open = new Map<string, Promise<Repository>>()
  const caFile = flags.string('certificate-authority')
  async function create(host: string, repository: string): Promise<Registry> {
    const ca = caFile === '' ? {} : { ca: await readFile(resolve(io.cwd, caFile), 'utf8') }
    const { server } = { server: host === 'docker.io' ? 'registry-1.docker.io' : host }
    return createRegistry({
      host: server,
      repository,
      insecure: flags.bool('insecure'),
      credentials: await lookup(host, repository),
      connect: (options) => io.connect({ ...options, proxyEnv: io.env }),
      userAgent: userAgent(program),
      ...ca,
    })
  }
  return (reference) => {
    const { registry, namespace, name } = completeImage(reference)
    const repository = namespace === '' ? name : `${namespace}/${name}`
    const key = `${registry}/${repository}`
    let found = open.get(key)
    if (found === undefined) {
      const folder = flags.string(folderFlag) || flags.string('dir')
      found = isFolderImage(reference)
        ? Promise.resolve(openFolderRepository(resolve(io.cwd, folder), repository))
        : create(registry, repository)
      open.set(key, found)
    }
    return found
  }
}
