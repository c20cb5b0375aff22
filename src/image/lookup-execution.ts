import { dockerImageOf, type Image } from '../api/image/index.ts'
import { matchesLabels, toLabelSelector } from '../machinery/label-selector.ts'
import { parseReference, withClientDefaults } from '../oci/index.ts'
import {
  coversResource,
  type ImageExecutionRule,
  type ImagePolicy,
  type PolicyResource,
  type ValueCondition,
} from './lookup-policy.ts'

/** May an image run? The execution rules of the image policy (triggers.md §7.4). */

export const ignoreRulesAnnotation = 'alpha.image.policy.openshift.io/ignore-rules'

export interface ExecutionQuestion {
  resource: PolicyResource
  /** As it will be written. */
  image: string
  /** What it stands for; undefined where that is not known. */
  found: Image | undefined
  internalRegistry: string
  /** Annotation {@link ignoreRulesAnnotation} of the namespace: names of rules, comma separated. */
  ignoredRules?: string | undefined
}

/** Whether some rule must see the Image itself for objects of the resource. */
export function hasExecutionRules(policy: ImagePolicy, resource: PolicyResource): boolean {
  return policy.executionRules.some((rule) => covers(rule, resource))
}

export function mayExecute(policy: ImagePolicy, question: ExecutionQuestion): boolean {
  const rules = policy.executionRules.filter((rule) => covers(rule, question.resource))
  const last = rules.at(-1)
  if (last === undefined) return true
  const ignored = new Set((question.ignoredRules ?? '').split(',').map((name) => name.trim()))
  let isAdmitted = last.reject
  for (const rule of rules) {
    if (ignored.has(rule.name) && rule.ignoreNamespaceOverride !== true) continue
    if (question.found === undefined && rule.skipOnResolutionFailure === true) continue
    if (isMet(rule, question) === (rule.invertMatch === true)) continue
    if (rule.reject) return false
    isAdmitted = true
  }
  return isAdmitted
}

function covers(rule: ImageExecutionRule, resource: PolicyResource): boolean {
  return rule.onResources.some((target) => coversResource(target, resource))
}

function isMet(rule: ImageExecutionRule, { image, found, internalRegistry }: ExecutionQuestion): boolean {
  const reference = parseReference(image)
  const registry = reference === undefined ? '' : withClientDefaults(reference).registry
  const isOurs = internalRegistry !== '' && registry === internalRegistry
  if (rule.matchIntegratedRegistry === true && !isOurs) return false
  const registries = rule.matchRegistries ?? []
  if (registries.length > 0 && !registries.includes(registry)) return false
  const labels = () =>
    (found === undefined ? undefined : (dockerImageOf(found).Config?.Labels ?? {})) as Values | undefined
  return (
    meets(rule.matchImageAnnotations, () => found && (found.metadata.annotations ?? {})) &&
    meets(rule.matchDockerImageLabels, labels) &&
    (rule.matchImageLabels ?? []).every(
      (selector) =>
        found !== undefined && matchesLabels(toLabelSelector(selector) ?? [], found.metadata.labels ?? {}),
    )
  )
}

type Values = Readonly<Record<string, string>>

function meets(conditions: readonly ValueCondition[] = [], values: () => Values | undefined): boolean {
  if (conditions.length === 0) return true
  const known = values()
  if (known === undefined) return false
  return conditions.every(({ key, set, value }) => {
    if (!Object.hasOwn(known, key)) return false
    return set === true || known[key] === (value ?? '')
  })
}
