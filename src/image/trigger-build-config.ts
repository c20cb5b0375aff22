import { type BuildConfig, inputReference, type ObjectReference } from '../api/index.ts'
import { formatSource, tagSource } from './trigger-annotation.ts'
import { type Resolutions, resolutionText } from './trigger-resolve.ts'

/** Image change triggers of BuildConfigs (triggers.md §6). */

export interface BuildTrigger {
  from: ObjectReference
  isPaused: boolean
  /** Follows what the strategy builds on, having no reference of its own. */
  isDefault: boolean
  /** As old versions kept it in the trigger itself. */
  lastTriggeredImageID?: string
}

/** Those of `spec.triggers` that follow an image, with the reference that counts. */
export function buildTriggers({ spec }: BuildConfig): BuildTrigger[] {
  return (spec?.triggers ?? []).flatMap(({ type, imageChange }): BuildTrigger[] => {
    if (type !== 'ImageChange' && type !== 'imageChange') return []
    const from = imageChange?.from ?? inputReference(spec.strategy ?? { type: '' })
    if (from === undefined || (from.kind ?? 'ImageStreamTag') !== 'ImageStreamTag') return []
    const last = imageChange?.lastTriggeredImageID
    return [
      {
        from,
        isPaused: imageChange?.paused === true,
        isDefault: imageChange?.from === undefined,
        ...(last === undefined ? {} : { lastTriggeredImageID: last }),
      },
    ]
  })
}

export type BuildTriggerState =
  | { kind: 'paused' }
  | { kind: 'waiting' | 'forbidden'; why: string }
  | { kind: 'current' | 'fires'; image: string }

export interface BuildTriggerReport {
  source: string
  from: ObjectReference
  state: BuildTriggerState
}

export function planBuildTriggers(config: BuildConfig, resolve: Resolutions): BuildTriggerReport[] {
  const namespace = config.metadata.namespace ?? ''
  return buildTriggers(config).map((trigger): BuildTriggerReport => {
    const { from } = trigger
    const source = tagSource(from, namespace)
    const report = { from, source: source === undefined ? (from.name ?? '') : formatSource(source) }
    if (trigger.isPaused) return { ...report, state: { kind: 'paused' } }
    if (source === undefined) return { ...report, state: { kind: 'waiting', why: 'from names no tag' } }
    const resolution = resolve(source)
    if (resolution.kind !== 'image') {
      const kind = resolution.kind === 'forbidden' ? 'forbidden' : 'waiting'
      return { ...report, state: { kind, why: resolutionText(resolution) } }
    }
    const { image } = resolution
    const isSeen = lastImage(config, from) === image || trigger.lastTriggeredImageID === image
    return { ...report, state: { kind: isSeen ? 'current' : 'fires', image } }
  })
}

/** The last image by the status entry that has the reference as it is written. */
function lastImage({ status }: BuildConfig, from: ObjectReference): string | undefined {
  return status.imageChangeTriggers?.find(
    (entry) => entry.from.name === from.name && (entry.from.namespace ?? '') === (from.namespace ?? ''),
  )?.lastTriggeredImageID
}
