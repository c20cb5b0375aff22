import type { ImageStream } from '../api/image/index.ts'

/** Where the integrated registry is reached: `host[:port]`, '' for an unknown one. */
export interface RegistryHosts {
  internalRegistry: string
  /** The first is the one that users are told. */
  externalRegistries: readonly string[]
}

/** The stream with its two repository fields computed anew (image-api.md §6.4): at every write and every read. */
export function decorateStream(stream: ImageStream, hosts: RegistryHosts): ImageStream {
  const path = `${stream.metadata.namespace ?? ''}/${stream.metadata.name ?? ''}`
  const { publicDockerImageRepository, dockerImageRepository, tags } = stream.status
  const internal =
    hosts.internalRegistry === ''
      ? (stream.spec.dockerImageRepository ?? '')
      : `${hosts.internalRegistry}/${path}`
  const [external = ''] = hosts.externalRegistries
  const outside = external === '' ? undefined : `${external}/${path}`
  if (internal === dockerImageRepository && outside === publicDockerImageRepository) return stream
  return {
    ...stream,
    status: {
      dockerImageRepository: internal,
      ...(outside === undefined ? {} : { publicDockerImageRepository: outside }),
      ...(tags === undefined ? {} : { tags }),
    },
  }
}
