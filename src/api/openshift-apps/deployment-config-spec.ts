import {
  always,
  goBool,
  goString,
  int32,
  list,
  omit,
  orNull,
  pointer,
  type Static,
  stringMap,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'
import { podTemplateSpecSchema } from '../core/pod-template-spec.ts'
import { deploymentStrategySchema } from './deployment-strategy.ts'

const struct = structIn('com.github.openshift.api.apps.v1')

export const deploymentTriggerImageChangeParamsSchema = struct('DeploymentTriggerImageChangeParams', {
  automatic: pointer(goBool({ description: 'Whether a new image starts a rollout by itself.' })),
  containerNames: omit(list(goString(), { description: 'Containers that get the image.' })),
  from: always(objectReferenceSchema, { description: 'The tag that is followed.' }),
  lastTriggeredImage: omit(goString({ description: 'The image that was last put in.' })),
})
export type DeploymentTriggerImageChangeParams = Static<typeof deploymentTriggerImageChangeParamsSchema>

export const deploymentTriggerPolicySchema = struct('DeploymentTriggerPolicy', {
  type: omit(goString({ description: 'ConfigChange or ImageChange.' })),
  imageChangeParams: pointer(deploymentTriggerImageChangeParamsSchema, {
    description: 'Which image, and for which containers.',
  }),
})
export type DeploymentTriggerPolicy = Static<typeof deploymentTriggerPolicySchema>

export const deploymentConfigSpecSchema = struct(
  'DeploymentConfigSpec',
  {
    minReadySeconds: omit(int32()),
    paused: omit(goBool({ description: 'Holds rollouts.' })),
    replicas: always(int32({ mandatory: false, description: 'Pods that there should be.' })),
    revisionHistoryLimit: pointer(int32({ description: 'Old rollouts that are kept, to go back to.' })),
    selector: omit(stringMap({ description: 'Labels that pick its pods.' })),
    strategy: always(deploymentStrategySchema, { mandatory: false, description: 'How a rollout goes.' }),
    template: pointer(podTemplateSpecSchema, { description: 'What its pods look like.' }),
    test: always(
      goBool({ mandatory: false, description: 'Runs the pods only while a rollout is under way.' }),
    ),
    triggers: orNull(
      list(deploymentTriggerPolicySchema, {
        mandatory: false,
        description: 'What starts a rollout; a change of the template if left out.',
      }),
    ),
  },
  { description: 'What a DeploymentConfig should run.' },
)
export type DeploymentConfigSpec = Static<typeof deploymentConfigSpecSchema>
