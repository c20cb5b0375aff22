import { join } from 'node:path'
import { builds } from '../api/index.ts'
import {
  type Builder,
  type BuildFiles,
  createBuildahBuilder,
  createHostCheck,
  createNoBuilder,
  openBuildFiles,
  sweepBuildFolders,
} from '../builder/index.ts'
import type { Client } from '../client/client.ts'
import type { Config } from './config.ts'
import { isLoopback } from './config.ts'
import { readCAs } from './open-importer.ts'

export interface OpenBuilds {
  builder: Builder
  files: BuildFiles
}

/** What runs builds, and where their logs and uploads are. `registries` are the names of our own. */
export async function openBuilds(
  config: Config,
  deps: { client: Client; clock: () => Date; registries: readonly string[]; caCert: string },
): Promise<OpenBuilds> {
  const { builds: settings, dataDir, importCAs, registryListen } = config
  const dir = join(dataDir, 'builds')
  const files = await openBuildFiles({
    dir: join(dir, 'files'),
    logLimit: settings.maxLogBytes,
    uploadLimit: settings.maxUploadBytes,
  })
  const { items } = await deps.client.list(builds, '')
  const known = new Set(items.map(({ metadata }) => metadata.uid))
  await files.sweep((uid) => known.has(uid))
  const work = join(dir, 'work')
  await sweepBuildFolders(work)
  if (settings.builder === 'off') {
    return { files, builder: createNoBuilder('builds are turned off (builds.builder)') }
  }
  const { addresses, insecureRegistries } = config.import
  const own = new Set(deps.registries)
  const builder = createBuildahBuilder({
    dir: work,
    network: settings.network,
    settings: {
      insecureRegistries: [
        ...(isLoopback(registryListen.host) ? deps.registries : []),
        ...insecureRegistries,
      ],
      extraCAs: [deps.caCert, ...(await readCAs(importCAs))].filter((text) => text !== ''),
      localSources: settings.localSources,
      checkHost: createHostCheck(addresses, own),
    },
    guard: { policy: addresses, own },
    now: deps.clock,
  })
  return { files, builder }
}
