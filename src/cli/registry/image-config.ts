import { createHash } from 'node:crypto'
import type { ImageManifest } from '../../oci/index.ts'
import { CliError } from '../errors.ts'
import { readBody } from './registry-client.ts'
import type { Repository } from './repository.ts'

/** An image's configuration (OCI image-spec "Image Configuration"); other fields are kept. */
export interface ImageConfig {
  created?: string
  author?: string
  architecture?: string
  os?: string
  config?: {
    User?: string
    ExposedPorts?: Record<string, unknown>
    Env?: string[]
    Entrypoint?: string[]
    Cmd?: string[]
    Volumes?: Record<string, unknown>
    WorkingDir?: string
    Labels?: Record<string, string>
  }
  rootfs?: { type: string; diff_ids: string[] }
  history?: {
    created?: string
    created_by?: string
    comment?: string
    empty_layer?: boolean
    author?: string
  }[]
}

const maxConfig = 8 * 1024 * 1024

export async function readConfig(registry: Repository, manifest: ImageManifest): Promise<ImageConfig> {
  const { digest } = manifest.config
  const text = await readBody(await registry.blob(digest), maxConfig)
  const hash = `sha256:${createHash('sha256').update(text).digest('hex')}`
  if (digest.startsWith('sha256:') && hash !== digest)
    throw new CliError(`the configuration ${digest} has the content of ${hash}`)
  try {
    return JSON.parse(text) as ImageConfig
  } catch {
    return {}
  }
}
