import type { DeploymentConfig, DeploymentTriggerPolicy } from '../api/index.ts'
import { placedContainers } from './lookup-workload.ts'
import { formatSource, type TriggerSource, tagSource } from './trigger-annotation.ts'
import type { PatchOperation } from './trigger-plan.ts'
import { type Resolutions, resolutionText } from './trigger-resolve.ts'

/** Image change triggers of DeploymentConfigs (triggers.md §5.2, §5.4). */

export interface ConfigImageTrigger {
  /** Place in `spec.triggers`. */
  index: number
  params: NonNullable<DeploymentTriggerPolicy['imageChangeParams']>
}

export function imageTriggers(config: DeploymentConfig): ConfigImageTrigger[] {
  return (config.spec.triggers ?? []).flatMap(({ type, imageChangeParams }, index) =>
    type === 'ImageChange' && imageChangeParams !== undefined ? [{ index, params: imageChangeParams }] : [],
  )
}

export type ConfigTriggerState =
  | { kind: 'manual' }
  | { kind: 'waiting' | 'forbidden'; why: string }
  | { kind: 'current' | 'moves'; image: string }

export interface ConfigTriggerReport {
  containers: readonly string[]
  source: string
  state: ConfigTriggerState
}

export interface ConfigImagePlan {
  triggers: ConfigTriggerReport[]
  /** JSON patch of images and `lastTriggeredImage`, without a test of the revision; empty when nothing moves. */
  patch: PatchOperation[]
}

export interface ConfigImageOptions {
  /** Which triggers count; absent: the automatic ones. */
  counts?(trigger: ConfigImageTrigger): boolean
  /** A tag without an image is passed over, where otherwise it holds or pins everything (instantiate, triggers.md §5.4). */
  skipsUnresolved?: boolean
}

/** The tag of a trigger; undefined for what is none. */
export function configTriggerSource(
  { params: { from } }: ConfigImageTrigger,
  namespace: string,
): TriggerSource | undefined {
  return (from.kind ?? 'ImageStreamTag') === 'ImageStreamTag' ? tagSource(from, namespace) : undefined
}

export function planConfigImages(
  config: DeploymentConfig,
  resolve: Resolutions,
  options: ConfigImageOptions = {},
): ConfigImagePlan {
  const { counts = ({ params }: ConfigImageTrigger) => params.automatic === true, skipsUnresolved = false } =
    options
  const namespace = config.metadata.namespace ?? ''
  const writes = new Map<string, PatchOperation>()
  const reports: ConfigTriggerReport[] = []
  let isHeld = false
  for (const trigger of imageTriggers(config)) {
    const { index, params } = trigger
    const source = configTriggerSource(trigger, namespace)
    const report = (state: ConfigTriggerState) =>
      reports.push({
        containers: params.containerNames ?? [],
        source: source === undefined ? (params.from.name ?? '') : formatSource(source),
        state,
      })
    if (!counts(trigger) || source === undefined) {
      report({ kind: 'manual' })
      continue
    }
    const resolution = resolve(source)
    const last = params.lastTriggeredImage ?? ''
    if (resolution.kind !== 'image') {
      report({
        kind: resolution.kind === 'forbidden' ? 'forbidden' : 'waiting',
        why: resolutionText(resolution),
      })
      if (skipsUnresolved) continue
      // What never had an image holds everything; what had one keeps it.
      if (last === '') isHeld = true
    }
    const image = resolution.kind === 'image' ? resolution.image : last
    const before = writes.size
    if (image !== last) {
      const path = `/spec/triggers/${index}/imageChangeParams/lastTriggeredImage`
      writes.set(path, { op: 'add', path, value: image })
    } else if (skipsUnresolved) {
      report({ kind: 'current', image })
      continue
    }
    setImages(config, params.containerNames ?? [], image, writes)
    if (resolution.kind === 'image') {
      report({ kind: writes.size > before ? 'moves' : 'current', image })
    }
  }
  return { triggers: reports, patch: isHeld ? [] : [...writes.values()] }
}

function setImages(
  config: DeploymentConfig,
  names: readonly string[],
  image: string,
  writes: Map<string, PatchOperation>,
): void {
  for (const { list, index, container } of placedContainers(config.spec.template?.spec)) {
    if (!names.includes(container.name)) continue
    const path = `/spec/template/spec/${list}/${index}/image`
    if (container.image === image) writes.delete(path)
    else writes.set(path, { op: 'add', path, value: image })
  }
}
