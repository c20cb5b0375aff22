import type { LabelSelectorObject } from '../machinery/label-selector.ts'

/** The configuration of image lookup in workloads (triggers.md §7), with the reference's defaults. */

export type ImageResolution = 'DoNotAttempt' | 'Attempt' | 'AttemptRewrite' | 'Required' | 'RequiredRewrite'

export interface PolicyResource {
  group: string
  resource: string
}

export interface ImageResolutionRule {
  targetResource: PolicyResource
  policy: ImageResolution
  /** Whether plain names of one part may mean a stream of the namespace. */
  localNames: boolean
}

/** Met when the key is there (`set`), or has the value. */
export interface ValueCondition {
  key: string
  set?: boolean
  value?: string
}

export interface ImageExecutionRule {
  name: string
  /** Without `reject` the rule admits what matches; where the last rule admits, everything else is rejected. */
  reject: boolean
  onResources: readonly PolicyResource[]
  /** A namespace cannot opt out of the rule. */
  ignoreNamespaceOverride?: boolean
  /** Says nothing about images that could not be resolved. */
  skipOnResolutionFailure?: boolean
  invertMatch?: boolean
  matchIntegratedRegistry?: boolean
  matchRegistries?: readonly string[]
  matchImageAnnotations?: readonly ValueCondition[]
  /** Labels in the configuration of the image. */
  matchDockerImageLabels?: readonly ValueCondition[]
  /** Labels of the Image object: all of the selectors must match. */
  matchImageLabels?: readonly LabelSelectorObject[]
}

export interface ImagePolicy {
  /** For resources that no rule covers. */
  resolveImages: ImageResolution
  resolutionRules: readonly ImageResolutionRule[]
  executionRules: readonly ImageExecutionRule[]
}

/** `images.openshift.io/deny-execution=true` on an image keeps it from running. Not on unless configured. */
export const denyExecutionRule: ImageExecutionRule = {
  name: 'execution-denied',
  reject: true,
  onResources: [
    { group: '', resource: 'pods' },
    { group: 'build.openshift.io', resource: 'builds' },
  ],
  skipOnResolutionFailure: true,
  matchImageAnnotations: [{ key: 'images.openshift.io/deny-execution', value: 'true' }],
}

const lookedUp: readonly PolicyResource[] = [
  { group: '', resource: 'pods' },
  { group: 'build.openshift.io', resource: 'builds' },
  { group: 'batch', resource: 'jobs' },
  { group: 'batch', resource: 'cronjobs' },
  { group: 'extensions', resource: 'replicasets' },
  { group: 'apps', resource: 'replicasets' },
  { group: '', resource: 'replicationcontrollers' },
  { group: 'apps', resource: 'deployments' },
  { group: 'extensions', resource: 'deployments' },
  { group: 'apps', resource: 'statefulsets' },
  { group: 'extensions', resource: 'daemonsets' },
  { group: 'apps', resource: 'daemonsets' },
  { group: 'apps.openshift.io', resource: 'deploymentconfigs' },
]

/** The policy as configured, its gaps filled in as the reference does. */
export function createImagePolicy(configured: Partial<ImagePolicy> = {}): ImagePolicy {
  const { resolveImages = 'Attempt', executionRules = [] } = configured
  const isGuarded = (target: PolicyResource) =>
    executionRules.some(({ onResources }) => onResources.some((rule) => coversResource(rule, target)))
  const defaults = lookedUp.map((targetResource): ImageResolutionRule => {
    return {
      targetResource,
      localNames: true,
      policy: isGuarded(targetResource) ? resolveImages : 'DoNotAttempt',
    }
  })
  return { resolveImages, executionRules, resolutionRules: configured.resolutionRules ?? defaults }
}

export const defaultImagePolicy = createImagePolicy()

/** A rule may be about all resources of a group (`*`). */
export function coversResource(rule: PolicyResource, target: PolicyResource): boolean {
  return rule.group === target.group && (rule.resource === target.resource || rule.resource === '*')
}

export interface LookupMode {
  localNames: boolean
  /** Whether every image is resolved, not only what may be a local name. */
  resolves: boolean
  /** Whether an image that was resolved is written down as resolved, local name or not. */
  rewrites: boolean
  /** Whether an image that cannot be resolved is refused. */
  isRequired: boolean
}

/** What the policy asks for objects of the resource. */
export function lookupMode(policy: ImagePolicy, resource: PolicyResource): LookupMode {
  const rules = policy.resolutionRules.filter((rule) => coversResource(rule.targetResource, resource))
  const ways = rules.length === 0 ? [policy.resolveImages] : rules.map((rule) => rule.policy)
  return {
    localNames: rules.some((rule) => rule.localNames),
    resolves: ways.some((way) => way !== 'DoNotAttempt'),
    rewrites: ways.some((way) => way === 'AttemptRewrite' || way === 'RequiredRewrite'),
    isRequired: ways.some((way) => way === 'Required' || way === 'RequiredRewrite'),
  }
}
