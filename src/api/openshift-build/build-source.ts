import { always, goString, list, omit, pointer, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { localObjectReferenceSchema, objectReferenceSchema } from '../core/object-reference.ts'

const struct = structIn('com.github.openshift.api.build.v1')

export const sourceControlUserSchema = struct('SourceControlUser', {
  name: omit(goString()),
  email: omit(goString()),
})

export const gitSourceRevisionSchema = struct('GitSourceRevision', {
  author: always(sourceControlUserSchema, { mandatory: false }),
  commit: omit(goString()),
  committer: always(sourceControlUserSchema, { mandatory: false }),
  message: omit(goString()),
})

export const sourceRevisionSchema = struct('SourceRevision', {
  type: always(goString()),
  git: pointer(gitSourceRevisionSchema),
})

export const binaryBuildSourceSchema = struct('BinaryBuildSource', {
  asFile: omit(goString()),
})

export const gitBuildSourceSchema = struct('GitBuildSource', {
  httpProxy: omit(goString()),
  httpsProxy: omit(goString()),
  noProxy: omit(goString()),
  ref: omit(goString()),
  uri: always(goString()),
})

export const imageSourcePathSchema = struct('ImageSourcePath', {
  destinationDir: always(goString()),
  sourcePath: always(goString()),
})

export const imageSourceSchema = struct('ImageSource', {
  as: omit(list(goString())),
  from: always(objectReferenceSchema),
  paths: omit(list(imageSourcePathSchema)),
  pullSecret: pointer(localObjectReferenceSchema),
})

export const secretBuildSourceSchema = struct('SecretBuildSource', {
  destinationDir: omit(goString()),
  secret: always(localObjectReferenceSchema),
})

export const configMapBuildSourceSchema = struct('ConfigMapBuildSource', {
  configMap: always(localObjectReferenceSchema),
  destinationDir: omit(goString()),
})

export const buildSourceSchema = struct('BuildSource', {
  type: always(goString()),
  binary: pointer(binaryBuildSourceSchema),
  configMaps: omit(list(configMapBuildSourceSchema)),
  contextDir: omit(goString()),
  dockerfile: omit(goString()),
  git: pointer(gitBuildSourceSchema),
  images: omit(list(imageSourceSchema)),
  secrets: omit(list(secretBuildSourceSchema)),
  sourceSecret: pointer(localObjectReferenceSchema),
})
export type BuildSource = Static<typeof buildSourceSchema>
