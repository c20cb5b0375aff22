import type { Descriptor } from '../oci/index.ts'

export interface PlatformChoice {
  architecture: string
  os: string
}

/**
 * The entry of a manifest list that a Legacy import takes (import.md §3.4): the first for the wanted platform, else for
 * linux/amd64, else the first at all. undefined for an empty list.
 */
export function choosePlatform(
  manifests: readonly Descriptor[],
  wanted: PlatformChoice,
): Descriptor | undefined {
  const find = ({ architecture, os }: PlatformChoice): Descriptor | undefined =>
    manifests.find(({ platform }) => platform?.architecture === architecture && platform.os === os)
  return find(wanted) ?? find({ architecture: 'amd64', os: 'linux' }) ?? manifests[0]
}
