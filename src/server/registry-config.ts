import Type from 'typebox'
import { wrongNetwork } from '../registry/index.ts'
import { StartError } from './start-error.ts'

/** The part of the configuration that switches what the registry does beside serving (registry.md §11, §17, §19). */

export const registrySwitches = {
  metrics: Type.Optional(Type.Boolean()),
  metricsSecret: Type.Optional(Type.String({ minLength: 1 })),
  audit: Type.Optional(Type.Boolean()),
  accessLog: Type.Optional(Type.Boolean()),
  enforceBlobLimits: Type.Optional(Type.Boolean()),
  tagHistory: Type.Optional(Type.Boolean()),
  trustedProxies: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
}

export interface RegistrySettings {
  metrics: boolean
  metricsSecret: string | undefined
  audit: boolean
  accessLog: boolean
  /** Refuses a blob that is larger than an image of its project may be, before its image is there to be refused. */
  enforceBlobLimits: boolean
  /** Serves the draft of tag histories. */
  tagHistory: boolean
  /** Networks whose forwarded headers tell of the client. */
  trustedProxies: readonly string[]
}

/** StartError for a proxy that is neither an address nor a network. */
export function toRegistrySettings(file: Partial<RegistrySettings> = {}): RegistrySettings {
  const trustedProxies = file.trustedProxies ?? []
  const wrong = wrongNetwork(trustedProxies)
  if (wrong !== undefined) {
    throw new StartError(
      `registry.trustedProxies: ${wrong} is neither an address nor a network; write it like 10.0.0.0/8`,
    )
  }
  return {
    metrics: file.metrics ?? false,
    metricsSecret: file.metricsSecret,
    audit: file.audit ?? false,
    accessLog: file.accessLog ?? false,
    enforceBlobLimits: file.enforceBlobLimits ?? false,
    tagHistory: file.tagHistory ?? false,
    trustedProxies,
  }
}
