import type { Action, PathAction, ResourceAction } from './access.ts'
import type { PolicyRule } from './rbac-objects.ts'

/** Does one rule allow one action? (auth.md U-90, U-91; Kubernetes "Using RBAC Authorization".) */

export const imageGroup = 'image.openshift.io'

const imageResources = new Set([
  'images',
  'imagesignatures',
  'imagestreams',
  'imagestreamtags',
  'imagetags',
  'imagestreamimages',
  'imagestreamimports',
  'imagestreammappings',
])

/** A review may write `r/s` into `resource` alone (U-90): it means the subresource. */
export function normalizeAction(action: ResourceAction): ResourceAction {
  if (action.subresource !== '') return action
  const slash = action.resource.indexOf('/')
  if (slash < 0) return action
  return {
    ...action,
    resource: action.resource.slice(0, slash),
    subresource: action.resource.slice(slash + 1),
  }
}

export function formatResource(action: ResourceAction): string {
  return action.subresource === '' ? action.resource : `${action.resource}/${action.subresource}`
}

function matchesResource(rule: PolicyRule, action: ResourceAction): boolean {
  const resources = rule.resources ?? []
  if (resources.includes('*') || resources.includes(formatResource(action))) return true
  return action.subresource !== '' && resources.includes(`*/${action.subresource}`)
}

/**
 * The legacy group '' and `image.openshift.io` stand for each other where image resources are concerned (U-91). A
 * rule on '' reaches into the image group only where it names the resource: `*` of the core group does not mean
 * images.
 */
function matchesGroup(rule: PolicyRule, action: ResourceAction): boolean {
  const groups = rule.apiGroups ?? []
  if (groups.includes('*') || groups.includes(action.group)) return true
  if (!imageResources.has(action.resource)) return false
  if (action.group === '') return groups.includes(imageGroup)
  return (
    action.group === imageGroup &&
    groups.includes('') &&
    (rule.resources ?? []).includes(formatResource(action))
  )
}

function matchesName(rule: PolicyRule, action: ResourceAction): boolean {
  const names = rule.resourceNames ?? []
  return names.length === 0 || names.includes(action.name)
}

/** `/a/*` covers what begins with `/a/`; `*` covers all. */
export function coversPath(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''))
}

function matchesPath(rule: PolicyRule, action: PathAction): boolean {
  return (rule.nonResourceURLs ?? []).some((pattern) => coversPath(pattern, action.path))
}

/** `action` must be normalised (see {@link normalizeAction}). */
export function matchesRule(rule: PolicyRule, action: Action): boolean {
  if (!rule.verbs.includes('*') && !rule.verbs.includes(action.verb)) return false
  if (action.kind === 'path') return matchesPath(rule, action)
  return matchesResource(rule, action) && matchesGroup(rule, action) && matchesName(rule, action)
}
