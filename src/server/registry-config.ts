import Type from 'typebox'

/** The part of the configuration that switches what the registry does beside serving (registry.md §11, §17, §19). */

export const registrySwitches = {
  metrics: Type.Optional(Type.Boolean()),
  metricsSecret: Type.Optional(Type.String({ minLength: 1 })),
  audit: Type.Optional(Type.Boolean()),
  accessLog: Type.Optional(Type.Boolean()),
  enforceBlobLimits: Type.Optional(Type.Boolean()),
  tagHistory: Type.Optional(Type.Boolean()),
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
}

export function toRegistrySettings(file: Partial<RegistrySettings> = {}): RegistrySettings {
  return {
    metrics: file.metrics ?? false,
    metricsSecret: file.metricsSecret,
    audit: file.audit ?? false,
    accessLog: file.accessLog ?? false,
    enforceBlobLimits: file.enforceBlobLimits ?? false,
    tagHistory: file.tagHistory ?? false,
  }
}
