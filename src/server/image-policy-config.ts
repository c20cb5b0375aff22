import Type, { type Static } from 'typebox'
import {
  createImagePolicy,
  denyExecutionRule,
  type ImageExecutionRule,
  type ImagePolicy,
  type ImageResolution,
} from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { toLabelSelector } from '../machinery/label-selector.ts'

/** The part of the configuration about images in workloads: what names mean, and what may run (triggers.md §7). */

const closed = { additionalProperties: false }
const text = Type.String({ minLength: 1 })
const resolutionSchema = Type.Union([
  Type.Literal('DoNotAttempt'),
  Type.Literal('Attempt'),
  Type.Literal('AttemptRewrite'),
  Type.Literal('Required'),
  Type.Literal('RequiredRewrite'),
])
const resourceSchema = Type.Object({ group: Type.Optional(Type.String()), resource: text }, closed)
const conditionsSchema = Type.Array(
  Type.Object({ key: text, set: Type.Optional(Type.Boolean()), value: Type.Optional(Type.String()) }, closed),
)
const selectorSchema = Type.Object(
  {
    matchLabels: Type.Optional(Type.Record(Type.String(), Type.String())),
    matchExpressions: Type.Optional(
      Type.Array(
        Type.Object({ key: text, operator: text, values: Type.Optional(Type.Array(Type.String())) }, closed),
      ),
    ),
  },
  closed,
)
const ruleSchema = Type.Object(
  {
    name: text,
    reject: Type.Optional(Type.Boolean()),
    onResources: Type.Optional(Type.Array(resourceSchema)),
    ignoreNamespaceOverride: Type.Optional(Type.Boolean()),
    skipOnResolutionFailure: Type.Optional(Type.Boolean()),
    invertMatch: Type.Optional(Type.Boolean()),
    matchIntegratedRegistry: Type.Optional(Type.Boolean()),
    matchRegistries: Type.Optional(Type.Array(text)),
    matchImageAnnotations: Type.Optional(conditionsSchema),
    matchDockerImageLabels: Type.Optional(conditionsSchema),
    matchImageLabels: Type.Optional(Type.Array(selectorSchema)),
  },
  closed,
)

/** Keys of `imagePolicy`, named as in OpenShift's ImagePolicyConfig. */
export const imageAdmissionSchema = {
  resolveImages: Type.Optional(resolutionSchema),
  resolutionRules: Type.Optional(
    Type.Array(
      Type.Object(
        {
          targetResource: resourceSchema,
          policy: Type.Optional(resolutionSchema),
          localNames: Type.Optional(Type.Boolean()),
        },
        closed,
      ),
    ),
  ),
  executionRules: Type.Optional(Type.Array(ruleSchema)),
  denyExecution: Type.Optional(Type.Boolean()),
}

const partSchema = Type.Object(imageAdmissionSchema)
export type ImageAdmissionFile = Static<typeof partSchema>
type RuleFile = Static<typeof ruleSchema>

/** The policy that the file asks for, gaps filled in as the reference does; a text that says what is wrong, and where. */
export function readImagePolicy(file: ImageAdmissionFile): ImagePolicy | string {
  const executionRules = (file.executionRules ?? []).map(toRule)
  if (file.denyExecution === true) executionRules.push(denyExecutionRule)
  const { resolveImages = 'Attempt' } = file
  const problem = findProblem(resolveImages, executionRules)
  if (problem !== undefined) return problem
  return createImagePolicy({
    resolveImages,
    executionRules,
    ...(file.resolutionRules === undefined
      ? {}
      : {
          resolutionRules: file.resolutionRules.map(({ targetResource, policy, localNames }) => ({
            targetResource: toResource(targetResource),
            policy: policy ?? resolveImages,
            localNames: localNames ?? false,
          })),
        }),
  })
}

function toResource({ group = '', resource }: Static<typeof resourceSchema>) {
  return { group, resource }
}

function toRule({ reject = false, onResources, ...rule }: RuleFile): ImageExecutionRule {
  const covered = onResources?.map(toResource) ?? []
  return {
    ...rule,
    reject,
    onResources: covered.length === 0 ? [{ group: '', resource: 'pods' }] : covered,
  }
}

const needResolution = ['matchDockerImageLabels', 'matchImageLabels', 'matchImageAnnotations'] as const

function findProblem(
  resolveImages: ImageResolution,
  rules: readonly ImageExecutionRule[],
): string | undefined {
  const names = new Set<string>()
  for (const [index, rule] of rules.entries()) {
    const at = `imagePolicy.executionRules.${index}`
    if (names.has(rule.name)) return `${at}.name: ${rule.name} is the name of another rule, too`
    names.add(rule.name)
    for (const [place, selector] of (rule.matchImageLabels ?? []).entries()) {
      try {
        toLabelSelector(selector)
      } catch (error) {
        if (isApiError(error)) return `${at}.matchImageLabels.${place}: ${error.message}`
        throw error
      }
    }
    if (resolveImages !== 'DoNotAttempt') continue
    const dead = needResolution.find((field) => (rule[field] ?? []).length > 0)
    if (dead !== undefined)
      return `${at}.${dead}: images are not being resolved (resolveImages is DoNotAttempt), so this never matches`
  }
  return undefined
}
