import { compareNames } from './compare-names.ts'
import { imageGroup } from './match-rule.ts'
import type { ClusterRole, PolicyRule } from './rbac-objects.ts'

/** Words in which the bootstrap roles are written: a list of names is one string with blanks between. */

export const read = 'get list watch'
export const readWrite = 'create delete deletecollection get list patch update watch'

const words = (text: string) =>
  text
    .split(/\s+/)
    .filter((word) => word !== '')
    .sort(compareNames)

/** A rule of one group. The core group is ''. */
export function rule(group: string, resources: string, verbs: string, resourceNames?: string): PolicyRule {
  return {
    apiGroups: [group],
    resources: words(resources),
    verbs: words(verbs),
    ...(resourceNames === undefined ? {} : { resourceNames: words(resourceNames) }),
  }
}

/** A rule of one of OpenShift's groups, which counts for the legacy group '' too. */
export function legacyRule(
  group: string,
  resources: string,
  verbs: string,
  resourceNames?: string,
): PolicyRule {
  return { ...rule(group, resources, verbs, resourceNames), apiGroups: ['', group] }
}

export function imageRule(resources: string, verbs: string): PolicyRule {
  return legacyRule(imageGroup, resources, verbs)
}

export function pathRule(paths: string, verbs = 'get'): PolicyRule {
  return { nonResourceURLs: words(paths), verbs: words(verbs) }
}

export interface ClusterRoleParts {
  description?: string
  /** Names of roles that take this role's rules in, without prefix: `admin`, `edit`, `view`, `cluster-reader`. */
  aggregatesTo?: string
  /** Labels to collect, beside the rules of its own. */
  collects?: readonly string[]
  /** Kubernetes' own roles bear a label that says so. */
  isKubernetes?: boolean
  labels?: Record<string, string>
}

export const autoupdate = 'rbac.authorization.kubernetes.io/autoupdate'
export const bootstrappingLabel = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
export const aggregateTo = (role: string) => `rbac.authorization.k8s.io/aggregate-to-${role}`

export function clusterRole(name: string, rules: PolicyRule[], parts: ClusterRoleParts = {}): ClusterRole {
  const labels: Record<string, string> = {
    ...(parts.isKubernetes ? bootstrappingLabel : {}),
    ...Object.fromEntries(words(parts.aggregatesTo ?? '').map((role) => [aggregateTo(role), 'true'])),
    ...parts.labels,
  }
  return {
    metadata: {
      name,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      annotations: {
        ...(parts.description === undefined ? {} : { 'openshift.io/description': parts.description }),
        [autoupdate]: 'true',
      },
    },
    rules,
    ...(parts.collects === undefined
      ? {}
      : {
          aggregationRule: {
            clusterRoleSelectors: parts.collects.map((label) => ({ matchLabels: { [label]: 'true' } })),
          },
        }),
  }
}
