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
import { createRegistry, type Registry } from './registry-client.ts'

/** What the `image` commands share (cli.md §16). */

export const registryFlags: readonly Flag[] = [
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

export function parseImage(text: string): ImageReference {
  const parsed = parseReference(text)
  if (parsed === undefined || parsed.name === '') {
    throw new CliError(
      `${JSON.stringify(text)} is not a valid image reference: ${referenceProblem(text) ?? 'it names no repository'}`,
    )
  }
  return parsed
}

/** As written, with the registry and namespace that are meant; a tag is not made up. */
export function completeImage(reference: ImageReference): ImageReference {
  return { ...withClientDefaults(reference), tag: reference.tag }
}

export function formatImage(reference: ImageReference): string {
  return formatExact(reference)
}

/** Opens repositories with the credentials and the trust that the flags say. */
export function createOpener(context: CommandContext): (reference: ImageReference) => Promise<Registry> {
  const { flags, io, program } = context
  const lookup = createCredentialLookup(flags.string('registry-config'), io.env, io.cwd)
  const open = new Map<string, Promise<Registry>>()
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
      found = create(registry, repository)
      open.set(key, found)
    }
    return found
  }
}
