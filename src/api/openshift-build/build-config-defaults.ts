import type { BuildConfig, BuildConfigSpec } from './build-config.ts'
import { inputReference, withStrategyDefaults } from './build-input.ts'
import type { BuildTriggerPolicy } from './build-trigger.ts'

const historyLimit = 5

/** Spellings of an older version of the API. */
const legacyTypes: Readonly<Record<string, string>> = {
  imageChange: 'ImageChange',
  configChange: 'ConfigChange',
  github: 'GitHub',
  generic: 'Generic',
  gitlab: 'GitLab',
  bitbucket: 'Bitbucket',
}

const knownTypes: readonly string[] = Object.values(legacyTypes)

function withTriggerDefaults(trigger: BuildTriggerPolicy): BuildTriggerPolicy {
  const type = legacyTypes[trigger.type] ?? trigger.type
  if (type !== 'ImageChange') return { ...trigger, type }
  return { ...trigger, type, imageChange: trigger.imageChange ?? {} }
}

/** A trigger without `from` follows what the strategy builds on, so there is none where that is no tag. */
function canFire(trigger: BuildTriggerPolicy, spec: BuildConfigSpec): boolean {
  if (!knownTypes.includes(trigger.type)) return false
  if (trigger.type !== 'ImageChange' || trigger.imageChange?.from !== undefined) return true
  return inputReference(spec.strategy)?.kind === 'ImageStreamTag'
}

/** Defaults that every write and every read of a BuildConfig applies (triggers.md §6.1). */
export function withBuildConfigDefaults(config: BuildConfig): BuildConfig {
  const spec = { ...config.spec, ...withStrategyDefaults(config.spec) }
  const triggers = spec.triggers?.map(withTriggerDefaults).filter((trigger) => canFire(trigger, spec))
  return {
    ...config,
    spec: {
      ...spec,
      triggers: triggers ?? null,
      runPolicy: spec.runPolicy || 'Serial',
      successfulBuildsHistoryLimit: spec.successfulBuildsHistoryLimit ?? historyLimit,
      failedBuildsHistoryLimit: spec.failedBuildsHistoryLimit ?? historyLimit,
    },
  }
}
