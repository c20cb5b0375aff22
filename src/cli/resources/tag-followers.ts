import {
  buildConfigs,
  cronJobs,
  daemonSets,
  deploymentConfigs,
  deployments,
  statefulSets,
} from '../../api/index.ts'
import { allSources, formatSource, type TriggerSource } from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Kind } from '../../machinery/kind.ts'
import type { KubeObject, ListMeta } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { typedAccept } from './image-api.ts'
import { listPages } from './list.ts'

export interface TagFollowers {
  /** `deployments.apps/web` and the like, by the tag that they follow (`namespace/stream:tag`). */
  names: ReadonlyMap<string, readonly string[]>
  /** Kinds that the caller may not list. */
  unseen: readonly string[]
}

const kinds: readonly Kind[] = [
  deployments,
  statefulSets,
  daemonSets,
  cronJobs,
  deploymentConfigs,
  buildConfigs,
]

/** What in the namespace follows which tag by a trigger, as far as the caller may see. */
export async function findFollowers({ session }: CommandContext, namespace: string): Promise<TagFollowers> {
  const rest = await session.rest()
  const names = new Map<string, string[]>()
  const unseen: string[] = []
  for (const kind of kinds) {
    try {
      const pages = listPages<{ metadata?: ListMeta; items?: KubeObject[] }>(rest, kind, namespace, {
        limit: 500,
        accept: typedAccept,
      })
      for await (const { items } of pages) for (const object of items ?? []) note(kind, object, names)
    } catch (error) {
      if (!isApiError(error) || (error.code !== 403 && error.code !== 404)) throw error
      if (error.code === 403) unseen.push(kind.plural)
    }
  }
  return { names, unseen }
}

function note(kind: Kind, object: KubeObject, names: Map<string, string[]>): void {
  const name = `${kind.singular}${kind.group === '' ? '' : `.${kind.group}`}/${object.metadata.name}`
  for (const source of new Set(allSources(kind, object).map(formatSource)))
    names.set(source, [...(names.get(source) ?? []), name])
}

/** Who hears of the next move of the tag: lines of `explain-image`. */
export function followerLines(source: TriggerSource, { names, unseen }: TagFollowers): string[] {
  const found = names.get(formatSource(source)) ?? []
  const shown = found.slice(0, 10).join(', ')
  const more = found.length > 10 ? ` and ${found.length - 10} more` : ''
  return [
    ...(found.length === 0 ? [] : [`then: ${shown}${more} get the new image by their triggers`]),
    ...(unseen.length === 0
      ? []
      : [`whether ${unseen.join(', ')} follow it is unknown: you may not list them`]),
  ]
}
