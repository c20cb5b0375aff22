import type { KubeObject } from '../../machinery/object.ts'
import { CliError } from '../errors.ts'
import type { ImageTrigger, TriggerSet } from './trigger-set.ts'
import { containersOf, podTemplate } from './workload.ts'

/** Triggers of DeploymentConfigs and BuildConfigs, which have a list of their own (cli.md §9.2). */

interface ObjectFrom {
  kind?: string
  name?: string
  namespace?: string
}

export interface ConfigTrigger {
  type: string
  imageChangeParams?: {
    automatic?: boolean
    containerNames?: string[]
    from?: ObjectFrom
    lastTriggeredImage?: string
  }
  imageChange?: { from?: ObjectFrom | null; paused?: boolean; lastTriggeredImageID?: string } | null
  [hook: string]: unknown
}

interface Configured extends KubeObject {
  spec?: { triggers?: ConfigTrigger[] | null; strategy?: Record<string, unknown> }
}

export const hookTypes: Readonly<Record<string, { type: string; field: string }>> = {
  github: { type: 'GitHub', field: 'github' },
  gitlab: { type: 'GitLab', field: 'gitlab' },
  bitbucket: { type: 'Bitbucket', field: 'bitbucket' },
  webhook: { type: 'Generic', field: 'generic' },
}

function triggersOf(object: KubeObject): ConfigTrigger[] {
  return (object as Configured).spec?.triggers ?? []
}

function namespaceOf(from: ObjectFrom, object: KubeObject): string {
  return from.namespace === object.metadata.namespace ? '' : (from.namespace ?? '')
}

export function readDeploymentConfig(object: KubeObject): TriggerSet {
  const triggers = triggersOf(object)
  const images = triggers.flatMap(({ type, imageChangeParams: params }): ImageTrigger[] => {
    if (type !== 'ImageChange' || params?.from?.name === undefined) return []
    return [
      {
        name: params.from.name,
        namespace: namespaceOf(params.from, object),
        containers: params.containerNames ?? [],
        automatic: params.automatic === true,
      },
    ]
  })
  return { config: triggers.some(({ type }) => type === 'ConfigChange'), images }
}

function sameTrigger(a: ConfigTrigger, b: ConfigTrigger): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  )
}

/** What is there and still wanted stays first, as it is; the rest follows. */
function mergeTriggers(current: readonly ConfigTrigger[], wanted: readonly ConfigTrigger[]): ConfigTrigger[] {
  const kept = current.filter((trigger) => wanted.some((one) => sameTrigger(one, trigger)))
  return [...kept, ...wanted.filter((one) => !kept.some((trigger) => sameTrigger(one, trigger)))]
}

function patchFor(object: KubeObject, wanted: readonly ConfigTrigger[]): Record<string, unknown> | undefined {
  const current = triggersOf(object)
  const triggers = mergeTriggers(current, wanted)
  const unchanged =
    current.length === triggers.length &&
    current.every((one, i) => sameTrigger(one, triggers[i] as ConfigTrigger))
  return unchanged ? undefined : { spec: { triggers } }
}

export function planDeploymentConfig(
  object: KubeObject,
  next: TriggerSet,
): Record<string, unknown> | undefined {
  const names = containersOf(podTemplate(object)).map((container) => container.name)
  const used = new Set<string>()
  for (const { containers } of next.images) {
    if (containers.length === 0) throw new CliError('you must specify --containers when setting --from-image')
    const missing = containers.filter((name) => !names.includes(name))
    if (missing.length > 0)
      throw new CliError(
        `not all container names exist: ${missing.join(', ')} (accepts: ${names.join(', ')})`,
      )
    const twice = containers.find((name) => used.has(name))
    if (twice !== undefined) throw new CliError(`only one trigger may reference each container: ${twice}`)
    for (const name of containers) used.add(name)
  }
  const wanted: ConfigTrigger[] = [
    ...(next.config ? [{ type: 'ConfigChange' }] : []),
    ...next.images.map((image) => ({
      type: 'ImageChange',
      imageChangeParams: {
        ...(image.automatic ? { automatic: true } : {}),
        containerNames: image.containers,
        from: {
          kind: 'ImageStreamTag',
          ...(image.namespace === '' ? {} : { namespace: image.namespace }),
          name: image.name,
        },
      },
    })),
  ]
  return patchFor(object, wanted)
}

export interface BuildTriggers extends TriggerSet {
  hooks: { kind: string; secret: string; allowEnv: boolean }[]
}

/** The image that the build starts from. */
function strategyFrom(object: KubeObject): ObjectFrom | undefined {
  const strategy = (object as Configured).spec?.strategy ?? {}
  for (const key of ['sourceStrategy', 'dockerStrategy', 'customStrategy']) {
    const from = (strategy[key] as { from?: ObjectFrom } | undefined)?.from
    if (from?.kind === 'ImageStreamTag') return from
  }
  return undefined
}

export function readBuildConfig(object: KubeObject): BuildTriggers {
  const triggers = triggersOf(object)
  const base = strategyFrom(object)
  const images: ImageTrigger[] = []
  const add = (from: ObjectFrom | null | undefined, automatic: boolean) => {
    if (!from?.name) return
    const [name, namespace] = [from.name, namespaceOf(from, object)]
    if (images.some((image) => image.name === name && image.namespace === namespace)) return
    images.push({ name, namespace, containers: [], automatic })
  }
  for (const { type, imageChange } of triggers)
    if (type === 'ImageChange') add(imageChange?.from ?? base, imageChange?.paused !== true)
  add(base, false)
  const hooks = triggers.flatMap((trigger) => {
    const found = Object.entries(hookTypes).find(([, { type }]) => type === trigger.type)
    if (found === undefined) return []
    const hook = (trigger[found[1].field] ?? {}) as {
      secret?: string
      secretReference?: { name?: string }
      allowEnv?: boolean
    }
    return [
      {
        kind: found[0],
        secret: hook.secret ?? hook.secretReference?.name ?? '',
        allowEnv: hook.allowEnv === true,
      },
    ]
  })
  return { config: triggers.some(({ type }) => type === 'ConfigChange'), images, hooks }
}

export function planBuildConfig(
  object: KubeObject,
  next: BuildTriggers,
): Record<string, unknown> | undefined {
  const base = strategyFrom(object)
  const current = triggersOf(object)
  const isBase = (image: ImageTrigger) =>
    image.name === base?.name && image.namespace === namespaceOf(base, object)
  const old = (image: ImageTrigger) =>
    current.find(({ type, imageChange }) => {
      if (type !== 'ImageChange') return false
      const from = imageChange?.from
      return from ? from.name === image.name && namespaceOf(from, object) === image.namespace : isBase(image)
    })
  const wanted: ConfigTrigger[] = [
    ...(next.config ? [{ type: 'ConfigChange' }] : []),
    ...next.images
      .filter((image) => image.automatic || !isBase(image))
      .map((image): ConfigTrigger => {
        const from = {
          kind: 'ImageStreamTag',
          ...(image.namespace === '' ? {} : { namespace: image.namespace }),
          name: image.name,
        }
        const plain = {
          type: 'ImageChange',
          imageChange: isBase(image) ? {} : { from, ...(image.automatic ? {} : { paused: true }) },
        }
        return image.automatic ? (old(image) ?? plain) : plain
      }),
    ...next.hooks.map(({ kind, secret, allowEnv }) => {
      const { type, field } = hookTypes[kind] as { type: string; field: string }
      const kept = current.find(
        (trigger) =>
          trigger.type === type && (trigger[field] as { secret?: string } | undefined)?.secret === secret,
      )
      return kept ?? { type, [field]: { secret, ...(allowEnv ? { allowEnv: true } : {}) } }
    }),
  ]
  return patchFor(object, wanted)
}
