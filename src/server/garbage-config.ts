import Type, { type Static } from 'typebox'
import { StartError } from './start-error.ts'

const duration = Type.Optional(Type.String({ minLength: 1 }))

/** The key `garbageCollection` of the config file. */
export const garbageSchema = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean()),
    interval: duration,
    grace: duration,
    trash: duration,
  },
  { additionalProperties: false },
)

/** Times in milliseconds. */
export interface GarbageSettings {
  /** Whether blobs are collected without being asked. */
  enabled: boolean
  interval: number
  /** How long what was in use stays. */
  grace: number
  /** How long what was collected or pruned can be brought back; 0: pruned blobs are gone at once. */
  trash: number
}

/** A client needs some time between asking for a blob and naming it in a manifest. */
const leastGrace = 60_000
const leastInterval = 60_000

export function toGarbageSettings(
  file: Static<typeof garbageSchema> = {},
  parse: (text: string, name: string) => number,
): GarbageSettings {
  const settings = {
    enabled: file.enabled ?? true,
    interval: parse(file.interval ?? '6h', 'garbageCollection.interval'),
    grace: parse(file.grace ?? '1h', 'garbageCollection.grace'),
    trash: parse(file.trash ?? '24h', 'garbageCollection.trash'),
  }
  if (settings.grace < leastGrace) {
    throw new StartError('garbageCollection.grace must be 1m at least: pushes under way rely on it')
  }
  if (settings.interval < leastInterval) {
    throw new StartError('garbageCollection.interval must be 1m at least')
  }
  return settings
}
