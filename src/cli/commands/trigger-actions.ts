import { randomBytes } from 'node:crypto'
import type { KubeObject } from '../../machinery/object.ts'
import { CliError } from '../errors.ts'
import {
  type BuildTriggers,
  planBuildConfig,
  planDeploymentConfig,
  readBuildConfig,
  readDeploymentConfig,
} from '../resources/trigger-config.ts'
import { isAnnotated, planAnnotated, readAnnotated, type TriggerSet } from '../resources/trigger-set.ts'

/** What `set triggers` makes of an object's triggers (cli.md §9.2). */

interface Mode {
  automatic: boolean
  remove: boolean
}

export type TriggerAction =
  | { kind: 'remove-all' }
  | ({ kind: 'mode' } & Mode)
  | ({ kind: 'config' } & Mode)
  | ({ kind: 'image'; namespace: string; name: string; containers: string[] } & Mode)
  | ({ kind: 'hook'; hook: string; allowEnv: boolean } & Mode)

/** undefined for kinds without triggers and for an annotation that can't be read. */
export function readTriggers(object: KubeObject): TriggerSet | BuildTriggers | undefined {
  const kind = object.kind ?? ''
  if (kind === 'DeploymentConfig') return readDeploymentConfig(object)
  if (kind === 'BuildConfig') return readBuildConfig(object)
  return isAnnotated(kind) ? readAnnotated(object) : undefined
}

export function planTriggers(
  object: KubeObject,
  next: TriggerSet | BuildTriggers,
): Record<string, unknown> | undefined {
  if (object.kind === 'DeploymentConfig') return planDeploymentConfig(object, next)
  if (object.kind === 'BuildConfig') return planBuildConfig(object, next as BuildTriggers)
  return planAnnotated(object, next)
}

export function applyAction<T extends TriggerSet | BuildTriggers>(
  object: KubeObject,
  current: T,
  action: TriggerAction,
): T {
  switch (action.kind) {
    case 'remove-all':
      return { ...current, config: false, images: [], ...('hooks' in current ? { hooks: [] } : {}) }
    case 'mode':
      return {
        ...current,
        config: action.automatic,
        images: current.images.map((image) => ({ ...image, automatic: action.automatic })),
      }
    case 'config':
      return { ...current, config: !action.remove && action.automatic }
    case 'image':
      return applyImage(current, action)
    case 'hook':
      return applyHook(object, current, action)
  }
}

function applyImage<T extends TriggerSet>(current: T, action: Extract<TriggerAction, { kind: 'image' }>): T {
  const { name, namespace, containers, automatic } = action
  if (action.remove) return { ...current, images: current.images.filter((image) => image.name !== name) }
  const at = current.images.findIndex((image) => image.name === name && image.namespace === namespace)
  const next = { name, namespace, containers, automatic }
  return { ...current, images: at === -1 ? [...current.images, next] : current.images.with(at, next) }
}

const hookNames: Readonly<Record<string, string>> = {
  github: 'GitHub web hooks',
  gitlab: 'GitLab web hooks',
  bitbucket: 'Bitbucket web hooks',
  webhook: 'web hooks',
}

function applyHook<T extends TriggerSet | BuildTriggers>(
  object: KubeObject,
  current: T,
  action: Extract<TriggerAction, { kind: 'hook' }>,
): T {
  const name = hookNames[action.hook]
  if (object.kind === 'DeploymentConfig') throw new CliError(`deployment configs do not support ${name}`)
  if (!('hooks' in current)) throw new CliError(`does not support ${name}`)
  const { hooks } = current
  if (action.remove) return { ...current, hooks: hooks.filter((hook) => hook.kind !== action.hook) }
  const secret = randomBytes(15).toString('base64url').slice(0, 20)
  return { ...current, hooks: [...hooks, { kind: action.hook, secret, allowEnv: action.allowEnv }] }
}
