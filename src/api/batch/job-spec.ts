import { labelSelectorSchema, objectMetaSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  atomic,
  goBool,
  goString,
  int32,
  int64,
  list,
  omit,
  pointer,
  type Static,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { podTemplateSpecSchema } from '../core/pod-template-spec.ts'

const struct = structIn('io.k8s.api.batch.v1')

export const podFailurePolicyOnExitCodesRequirementSchema = struct('PodFailurePolicyOnExitCodesRequirement', {
  containerName: omit(goString()),
  operator: always(goString()),
  values: always(list(int64(), atomic)),
})

export const podFailurePolicyOnPodConditionsPatternSchema = struct('PodFailurePolicyOnPodConditionsPattern', {
  type: always(goString()),
  status: omit(goString()),
})

export const podFailurePolicyRuleSchema = struct('PodFailurePolicyRule', {
  action: always(goString()),
  onExitCodes: pointer(podFailurePolicyOnExitCodesRequirementSchema),
  onPodConditions: omit(list(podFailurePolicyOnPodConditionsPatternSchema, atomic)),
})

export const podFailurePolicySchema = struct('PodFailurePolicy', {
  rules: always(list(podFailurePolicyRuleSchema, atomic)),
})

export const successPolicyRuleSchema = struct('SuccessPolicyRule', {
  succeededCount: pointer(int32()),
  succeededIndexes: omit(goString()),
})

export const successPolicySchema = struct('SuccessPolicy', {
  rules: always(list(successPolicyRuleSchema, atomic)),
})

export const jobSpecSchema = struct('JobSpec', {
  activeDeadlineSeconds: pointer(int64({ description: 'Seconds that the job may run in all.' })),
  backoffLimit: pointer(int32({ description: 'Failures after which the job has failed.' })),
  backoffLimitPerIndex: pointer(int32()),
  completionMode: pointer(goString()),
  completions: pointer(int32({ description: 'Pods that must succeed.' })),
  managedBy: pointer(goString()),
  manualSelector: pointer(goBool()),
  maxFailedIndexes: pointer(int32()),
  parallelism: pointer(int32({ description: 'Pods that may run at once.' })),
  podFailurePolicy: pointer(podFailurePolicySchema),
  podReplacementPolicy: pointer(goString()),
  selector: pointer(labelSelectorSchema),
  successPolicy: pointer(successPolicySchema),
  suspend: pointer(goBool({ description: 'Holds the job.' })),
  template: always(podTemplateSpecSchema, { description: 'What its pods look like.' }),
  ttlSecondsAfterFinished: pointer(int32({ description: 'Seconds after its end when it is deleted.' })),
})
export type JobSpec = Static<typeof jobSpecSchema>

export const jobTemplateSpecSchema = struct('JobTemplateSpec', {
  metadata: always(objectMetaSchema),
  spec: always(jobSpecSchema, { mandatory: false }),
})
export type JobTemplateSpec = Static<typeof jobTemplateSpecSchema>
