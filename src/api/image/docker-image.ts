/**
 * `dockerImageMetadata`: what is kept of an image's config (image-api.md §4.3). On the wire it is raw JSON, but it always
 * goes through this type: keys that are not listed here do not survive.
 */

export interface DockerConfig {
  Hostname?: string
  Domainname?: string
  User?: string
  Memory?: number
  MemorySwap?: number
  CpuShares?: number
  Cpuset?: string
  AttachStdin?: boolean
  AttachStdout?: boolean
  AttachStderr?: boolean
  PortSpecs?: string[]
  ExposedPorts?: Record<string, object>
  Tty?: boolean
  OpenStdin?: boolean
  StdinOnce?: boolean
  Env?: string[]
  Cmd?: string[]
  Dns?: string[]
  Image?: string
  Volumes?: Record<string, object>
  VolumesFrom?: string
  WorkingDir?: string
  Entrypoint?: string[]
  NetworkDisabled?: boolean
  SecurityOpts?: string[]
  OnBuild?: string[]
  Labels?: Record<string, string>
}

export interface DockerImage {
  kind: 'DockerImage'
  apiVersion: 'image.openshift.io/1.0'
  Id: string
  Parent?: string
  Comment?: string
  /** RFC 3339, UTC, whole seconds. */
  Created: string | null
  Container?: string
  ContainerConfig: DockerConfig
  DockerVersion?: string
  Author?: string
  Config?: DockerConfig
  Architecture?: string
  /** Bytes: distinct layers and the config. */
  Size?: number
}

type Json = Record<string, unknown>
type FieldType = 'string' | 'number' | 'boolean' | 'strings' | 'objects' | 'labels'

const configFields: Readonly<Record<keyof DockerConfig, FieldType>> = {
  Hostname: 'string',
  Domainname: 'string',
  User: 'string',
  Memory: 'number',
  MemorySwap: 'number',
  CpuShares: 'number',
  Cpuset: 'string',
  AttachStdin: 'boolean',
  AttachStdout: 'boolean',
  AttachStderr: 'boolean',
  PortSpecs: 'strings',
  ExposedPorts: 'objects',
  Tty: 'boolean',
  OpenStdin: 'boolean',
  StdinOnce: 'boolean',
  Env: 'strings',
  Cmd: 'strings',
  Dns: 'strings',
  Image: 'string',
  Volumes: 'objects',
  VolumesFrom: 'string',
  WorkingDir: 'string',
  Entrypoint: 'strings',
  NetworkDisabled: 'boolean',
  SecurityOpts: 'strings',
  OnBuild: 'strings',
  Labels: 'labels',
}

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
}

/** undefined for empty values, which are left out, and for values of another type. */
const readers: Readonly<Record<FieldType, (value: unknown) => unknown>> = {
  string: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  number: (value) => (Number.isSafeInteger(value) && value !== 0 ? value : undefined),
  boolean: (value) => (value === true ? true : undefined),
  strings: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')
      ? value
      : undefined,
  objects: (value) => {
    const keys = Object.keys(asObject(value) ?? {})
    return keys.length === 0 ? undefined : Object.fromEntries(keys.sort().map((key) => [key, {}]))
  },
  labels: (value) => {
    const entries = Object.entries(asObject(value) ?? {}).filter(([, item]) => typeof item === 'string')
    return entries.length === 0 ? undefined : Object.fromEntries(entries)
  },
}

const configReaders = Object.entries(configFields).map(([key, type]) => [key, readers[type]] as const)

function readConfig(value: unknown): DockerConfig | undefined {
  const object = asObject(value)
  if (object === undefined) return undefined
  const config: Json = {}
  for (const [key, read] of configReaders) {
    const item = object[key] === undefined ? undefined : read(object[key])
    if (item !== undefined) config[key] = item
  }
  return config as DockerConfig
}

/** null for what is no time, and for Go's zero time. */
function readTime(value: unknown): string | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(time)) return null
  const text = `${new Date(time).toISOString().slice(0, 19)}Z`
  return text === '0001-01-01T00:00:00Z' ? null : text
}

/** Names of the same fields in the type and in an image's config file (also the old `pre012` form). */
const fileKeys = {
  Id: 'id',
  Parent: 'parent',
  Comment: 'comment',
  Created: 'created',
  Container: 'container',
  ContainerConfig: 'container_config',
  DockerVersion: 'docker_version',
  Author: 'author',
  Config: 'config',
  Architecture: 'architecture',
  Size: 'size',
} as const

function readImage(object: Json, key: (name: keyof typeof fileKeys) => string): DockerImage {
  const text = (name: keyof typeof fileKeys): Json => {
    const value = readers.string(object[key(name)])
    return value === undefined ? {} : { [name]: value }
  }
  const config = readConfig(object[key('Config')])
  const size = readers.number(object[key('Size')])
  return {
    kind: 'DockerImage',
    apiVersion: 'image.openshift.io/1.0',
    Id: (readers.string(object[key('Id')]) as string | undefined) ?? '',
    ...text('Parent'),
    ...text('Comment'),
    Created: readTime(object[key('Created')]),
    ...text('Container'),
    ContainerConfig: readConfig(object[key('ContainerConfig')]) ?? {},
    ...text('DockerVersion'),
    ...text('Author'),
    ...(config === undefined ? {} : { Config: config }),
    ...text('Architecture'),
    ...(size === undefined ? {} : { Size: size as number }),
  }
}

/** The round trip that `dockerImageMetadata` makes on every decode. Absent or unreadable gives the empty image. */
export function canonicalDockerImage(value: unknown): DockerImage {
  const object = asObject(value)
  // As of nearly all tags that are written.
  if (object === undefined) return emptyDockerImage
  const isOld = object.apiVersion === 'pre012'
  return readImage(object, (name) => (isOld ? fileKeys[name] : name))
}

/** What an image's config file says, without id and size, which it cannot know. */
export function dockerImageFromConfig(config: unknown): DockerImage {
  return readImage({ ...asObject(config), id: '', size: 0 }, (name) => fileKeys[name])
}

export const emptyDockerImage: DockerImage = readImage({}, (name) => name)
