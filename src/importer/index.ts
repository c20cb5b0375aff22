export type { BlobCopier, CopierDeps } from './copy-blob.ts'
export { createBlobCopier } from './copy-blob.ts'
export type { FetchDeps } from './fetch-image.ts'
export type { ImportEndpointDeps } from './import-endpoint.ts'
export { createImportEndpoint } from './import-endpoint.ts'
export type { ImportPace } from './import-pace.ts'
export { createImportPace } from './import-pace.ts'
export type { ImportSettings } from './import-settings.ts'
export {
  addressesSchema,
  addressProblem,
  importSettingsSchema,
  readImportSettings,
} from './import-settings.ts'
export { openNodeKeyring } from './node-keyring.ts'
export type {
  Probe,
  ProbedContent,
  ProbeMemory,
  ProbeOutcome,
  ProbeResult,
  SweepMemory,
  SweepPlan,
  SweepSettings,
} from './plan-sweep.ts'
export { applyProbe, defaultSweepSettings, fractionOf, isBehind, planSweep } from './plan-sweep.ts'
export type { ProbeDeps } from './probe-reference.ts'
export { probeReference } from './probe-reference.ts'
export type { PullObserver, PullRefusal, PullThroughDeps, PullThroughSource } from './pull-through.ts'
export { createPullThrough } from './pull-through.ts'
export { runImport } from './run-import.ts'
export type { IntervalSettings, ScheduledTag } from './scheduled-tags.ts'
export { scheduledTags, serverPlatform } from './scheduled-tags.ts'
export type { Surroundings, SurroundingsDeps } from './surroundings.ts'
export { createSurroundings } from './surroundings.ts'
export { importIntervalAnnotation, parseInterval } from './sweep-interval.ts'
export type { RegistrySources, RunContext, RunResult } from './types.ts'
export { noRegistrySources } from './types.ts'
