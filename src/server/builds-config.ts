import { isAbsolute } from 'node:path'
import Type, { type Static } from 'typebox'
import { StartError } from './start-error.ts'

/** The part of the configuration that says whether and how builds run here (docs/configuration.md). */
export const buildsSchema = Type.Object(
  {
    builder: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('off')])),
    maxConcurrent: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    timeout: Type.Optional(Type.String({ minLength: 1 })),
    network: Type.Optional(
      Type.Union([Type.Literal('auto'), Type.Literal('none'), Type.Literal('private'), Type.Literal('host')]),
    ),
    maxLogBytes: Type.Optional(Type.Integer({ minimum: 1024 })),
    maxUploadBytes: Type.Optional(Type.Integer({ minimum: 1024 })),
    localSources: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  },
  { additionalProperties: false },
)

export interface BuildsSettings {
  builder: 'auto' | 'off'
  maxConcurrent: number
  /** Milliseconds. */
  timeout: number
  /** What RUN steps reach. */
  network: 'auto' | 'none' | 'private' | 'host'
  maxLogBytes: number
  maxUploadBytes: number
  /** Absolute paths. */
  localSources: readonly string[]
}

const mebibyte = 1024 * 1024

export function toBuildsSettings(
  file: Static<typeof buildsSchema> = {},
  parseDuration: (text: string, name: string) => number,
): BuildsSettings {
  const localSources = file.localSources ?? []
  const relative = localSources.find((path) => !isAbsolute(path) || path === '/')
  if (relative !== undefined) {
    throw new StartError(`builds.localSources: ${relative} is no absolute path to a folder of sources`)
  }
  return {
    builder: file.builder ?? 'auto',
    maxConcurrent: file.maxConcurrent ?? 1,
    timeout: parseDuration(file.timeout ?? '1h', 'builds.timeout'),
    network: file.network ?? 'auto',
    maxLogBytes: file.maxLogBytes ?? 10 * mebibyte,
    maxUploadBytes: file.maxUploadBytes ?? 1024 * mebibyte,
    localSources,
  }
}
