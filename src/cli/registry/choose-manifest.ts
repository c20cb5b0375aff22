import type { Descriptor, IndexManifest } from '../../oci/index.ts'
import { BareError, CliError } from '../errors.ts'
import { formatTabs, listLayout } from '../print/tab-writer.ts'
import type { FetchedManifest } from './registry-client.ts'
import type { Repository } from './repository.ts'

/** The one image that is meant, of a manifest list by --filter-by-os (cli.md §16.1). */

export interface ChosenManifest extends FetchedManifest {
  /** Digest of the list that it was picked from. */
  listDigest?: string
}

export function platformText({ platform }: Descriptor): string {
  const { os = '', architecture = '', variant } = platform ?? {}
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`
}

export function matchesFilter(descriptor: Descriptor, filter: string): boolean {
  if (filter === '') return true
  try {
    return new RegExp(filter).test(platformText(descriptor))
  } catch {
    throw new CliError(`--filter-by-os was not a valid regular expression: ${filter}`)
  }
}

export async function chooseManifest(
  registry: Repository,
  reference: string,
  filter: string,
): Promise<ChosenManifest> {
  const fetched = await registry.manifest(reference)
  if (fetched.manifest.kind === 'image') return fetched
  const matching = fetched.manifest.manifests.filter((one) => matchesFilter(one, filter))
  if (matching.length !== 1) throw severalImages(fetched.manifest, matching)
  return { ...(await registry.manifest((matching[0] as Descriptor).digest)), listDigest: fetched.digest }
}

function severalImages(list: IndexManifest, matching: readonly Descriptor[]): BareError {
  const shown = matching.length === 0 ? list.manifests : matching
  const rows = shown.map((one) => `  ${platformText(one)}\t${one.digest}\n`).join('')
  const table = formatTabs(`  OS\tDIGEST\n${rows}`, listLayout)
  const text =
    matching.length === 0
      ? 'error: no image of the manifest list matches --filter-by-os; it holds:'
      : 'error: the image is a manifest list and contains multiple images - use --filter-by-os to select from:'
  return new BareError(`${text}\n\n${table}\n`)
}
