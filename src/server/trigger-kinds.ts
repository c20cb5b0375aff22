import { allKinds } from '../api/index.ts'
import type { Kind } from '../machinery/kind.ts'

/** Kinds whose writes have rules of their own, or that change all the time: triggers stay away from them. */
const excludedGroups = new Set([
  'image.openshift.io',
  'rbac.authorization.k8s.io',
  'authorization.openshift.io',
  'apps.openshift.io',
  'build.openshift.io',
  'weir.dev',
])
const excluded = new Set(['secrets', 'serviceaccounts', 'events', 'leases.coordination.k8s.io'])
/** They follow tags anyway. */
const known = new Set([
  'pods',
  'replicationcontrollers',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'replicasets.apps',
  'jobs.batch',
  'cronjobs.batch',
])

/** The kinds that the names (`<plural>.<group>`) stand for, beyond those that follow tags anyway; what is wrong with a name. */
export function findTriggerKinds(names: readonly string[]): Kind[] | string {
  const kinds = new Map<string, Kind>()
  for (const [index, name] of names.entries()) {
    const found = allKinds.find((kind) => nameOf(kind) === name)
    const at = `triggers.kinds.${index}`
    if (found === undefined)
      return `${at}: there is no kind ${name}: write the plural and the group, e.g. deployments.apps`
    if (!found.stored || !found.namespaced || excludedGroups.has(found.group) || excluded.has(name))
      return `${at}: objects of ${name} cannot have triggers`
    if (!known.has(name)) kinds.set(name, found)
  }
  return [...kinds.values()]
}

function nameOf({ group, plural }: Kind): string {
  return group === '' ? plural : `${plural}.${group}`
}
