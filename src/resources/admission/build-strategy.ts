import type { Authorize, Subject } from '../../access/access.ts'
import { type BuildStrategy, builds } from '../../api/index.ts'
import { forbidden } from '../../machinery/errors.ts'
import type { Kind } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { resourceAction } from '../authorized.ts'
import type { Admit } from './admission.ts'

/** What a right to make builds of a strategy is called: `create builds/docker`. */
const subresources: readonly [keyof BuildStrategy, string, string][] = [
  ['dockerStrategy', 'docker', 'Docker'],
  ['sourceStrategy', 'source', 'Source'],
  ['customStrategy', 'custom', 'Custom'],
  ['jenkinsPipelineStrategy', 'jenkinspipeline', 'JenkinsPipeline'],
]

/**
 * Rejects where the caller may not have builds of that strategy in the project: they run what their source says. An administrator
 * takes the right away by taking the binding `system:build-strategy-docker-binding` away.
 */
export async function requireBuildStrategy(
  kind: Kind,
  object: KubeObject,
  caller: Subject,
  namespace: string,
  authorize: Authorize,
): Promise<void> {
  const strategy = strategyOf(object)
  const named = subresources.find(([part]) => strategy?.[part] !== undefined)
  if (named === undefined) return
  const [, subresource, shown] = named
  const { group, plural: resource } = builds
  const { allowed } = await authorize(
    caller,
    resourceAction({ verb: 'create', group, resource, subresource, namespace }),
  )
  if (allowed) return
  const why = `build strategy ${shown} is not allowed`
  throw forbidden({ group: kind.group, resource: kind.plural }, object.metadata.name ?? '', why)
}

/** Asked of new objects, and of those that change to another strategy. */
export function admitBuildStrategy(kind: Kind, authorize: Authorize): Admit {
  return async (next, old, { caller, namespace }) => {
    const isSame = old !== undefined && partsOf(next) === partsOf(old)
    if (!isSame) await requireBuildStrategy(kind, next, caller, namespace, authorize)
    return next
  }
}

function strategyOf(object: KubeObject): BuildStrategy | undefined {
  return (object as { spec?: { strategy?: BuildStrategy } }).spec?.strategy
}

function partsOf(object: KubeObject): string {
  const strategy = strategyOf(object)
  return subresources.flatMap(([part, name]) => (strategy?.[part] === undefined ? [] : [name])).join()
}
