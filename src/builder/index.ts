export {
  type BuildFiles,
  type BuildFilesOptions,
  openBuildFiles,
  type Upload,
  UploadTooLarge,
} from './build-files.ts'
export { type BuildLogOptions, type BuildLogWriter, openBuildLog } from './build-log.ts'
export { createBuildahBuilder, sweepBuildFolders } from './buildah-builder.ts'
export type {
  Availability,
  Builder,
  BuildJob,
  BuildOutcome,
  Files,
  ImageInput,
  RegistryAuth,
  Stage,
  StageName,
  Variable,
} from './builder.ts'
export { createNoBuilder } from './builder.ts'
export { createHostCheck } from './check-host.ts'
export type { GitCommit } from './git-source.ts'
