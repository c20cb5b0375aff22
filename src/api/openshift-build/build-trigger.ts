import { always, goBool, goString, omit, pointer, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { objectReferenceSchema } from '../core/object-reference.ts'
import { sourceRevisionSchema } from './build-source.ts'

const struct = structIn('com.github.openshift.api.build.v1')

export const secretLocalReferenceSchema = struct('SecretLocalReference', {
  name: always(goString()),
})

export const webHookTriggerSchema = struct('WebHookTrigger', {
  allowEnv: omit(goBool()),
  secret: omit(goString()),
  secretReference: pointer(secretLocalReferenceSchema),
})

export const imageChangeTriggerSchema = struct('ImageChangeTrigger', {
  from: pointer(objectReferenceSchema, { description: 'The tag; that of the strategy if left out.' }),
  lastTriggeredImageID: omit(goString()),
  paused: omit(goBool({ description: 'Holds the trigger.' })),
})
export type ImageChangeTrigger = Static<typeof imageChangeTriggerSchema>

export const buildTriggerPolicySchema = struct('BuildTriggerPolicy', {
  type: always(goString({ description: 'ImageChange, ConfigChange, GitHub, GitLab, Bitbucket or Generic.' })),
  bitbucket: pointer(webHookTriggerSchema),
  generic: pointer(webHookTriggerSchema),
  github: pointer(webHookTriggerSchema),
  gitlab: pointer(webHookTriggerSchema),
  imageChange: pointer(imageChangeTriggerSchema, { description: 'Which tag is followed.' }),
})
export type BuildTriggerPolicy = Static<typeof buildTriggerPolicySchema>

export const bitbucketWebHookCauseSchema = struct('BitbucketWebHookCause', {
  revision: pointer(sourceRevisionSchema),
  secret: omit(goString()),
})

export const genericWebHookCauseSchema = struct('GenericWebHookCause', {
  revision: pointer(sourceRevisionSchema),
  secret: omit(goString()),
})

export const gitHubWebHookCauseSchema = struct('GitHubWebHookCause', {
  revision: pointer(sourceRevisionSchema),
  secret: omit(goString()),
})

export const gitLabWebHookCauseSchema = struct('GitLabWebHookCause', {
  revision: pointer(sourceRevisionSchema),
  secret: omit(goString()),
})

export const imageChangeCauseSchema = struct('ImageChangeCause', {
  fromRef: pointer(objectReferenceSchema),
  imageID: omit(goString()),
})

export const buildTriggerCauseSchema = struct('BuildTriggerCause', {
  bitbucketWebHook: pointer(bitbucketWebHookCauseSchema),
  genericWebHook: pointer(genericWebHookCauseSchema),
  githubWebHook: pointer(gitHubWebHookCauseSchema),
  gitlabWebHook: pointer(gitLabWebHookCauseSchema),
  imageChangeBuild: pointer(imageChangeCauseSchema),
  message: omit(goString()),
})
export type BuildTriggerCause = Static<typeof buildTriggerCauseSchema>
