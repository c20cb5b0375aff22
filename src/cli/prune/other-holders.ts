import type { ApiResource } from '../../client/index.ts'

/** Kinds of Kubernetes itself that hold pod templates and that OpenShift's pruner leaves out. */
const builtins = new Set(['/podtemplates', 'apps/controllerrevisions'])

/** Groups whose kinds are known: what of them holds images is read anyway, or has none. */
const known = /^$|^(apps|batch|autoscaling|policy|extensions|weir\.dev)$|(^|\.)k8s\.io$|(^|\.)openshift\.io$/

/**
 * What else may hold images: pod templates, and custom resources of any kind, of which nobody can know beforehand. Each once,
 * in its preferred version.
 */
export function otherHolders(resources: readonly ApiResource[]): ApiResource[] {
  const found = new Map<string, ApiResource>()
  for (const resource of resources) {
    const name = `${resource.group}/${resource.plural}`
    const counts = builtins.has(name) || !known.test(resource.group)
    if (counts && resource.verbs.includes('list') && !found.has(name)) found.set(name, resource)
  }
  return [...found.values()]
}
