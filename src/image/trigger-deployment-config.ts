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
  { counts = isAutomatic, skipsUnresolved = false }: ConfigImageOptions = {},
): ConfigImagePlan {
  const writes = new Map<string, PatchOperation>()
  let isHeld = false
  const triggers = imageTriggers(config).map((trigger): ConfigTriggerReport => {
    const { params } = trigger
    const source = configTriggerSource(trigger, config.metadata.namespace ?? '')
    const containers = params.containerNames ?? []
    const report = {
      containers,
      source: source === undefined ? (params.from.name ?? '') : formatSource(source),
    }
    if (source === undefined || !counts(trigger)) return { ...report, state: { kind: 'manual' } }
    const resolution = resolve(source)
    const last = params.lastTriggeredImage ?? ''
    if (resolution.kind === 'image') {
      const isFresh = resolution.image !== last
      const isMoved = (isFresh || !skipsUnresolved) && put(config, trigger, resolution.image, writes)
      return { ...report, state: { kind: isMoved ? 'moves' : 'current', image: resolution.image } }
    }
    if (!skipsUnresolved) {
      // What never had an image holds everything; what had one keeps it.
      if (last === '') isHeld = true
      else put(config, trigger, last, writes)
    }
    const kind = resolution.kind === 'forbidden' ? 'forbidden' : 'waiting'
    return { ...report, state: { kind, why: resolutionText(resolution) } }
  })
  return { triggers, patch: isHeld ? [] : [...writes.values()] }
}

function isAutomatic({ params }: ConfigImageTrigger): boolean {
  return params.automatic === true
}

/** Notes what has to be written for the trigger to be on the image; answers whether anything has. */
function put(
  config: DeploymentConfig,
  { index, params }: ConfigImageTrigger,
  image: string,
  writes: Map<string, PatchOperation>,
): boolean {
  const before = writes.size
  if (params.lastTriggeredImage !== image) {
    const path = `/spec/triggers/${index}/imageChangeParams/lastTriggeredImage`
    writes.set(path, { op: 'add', path, value: image })
  }
  setImages(config, params.containerNames ?? [], image, writes)
  return writes.size > before
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
