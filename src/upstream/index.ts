export type { AddressPolicy, Zone } from './addresses.ts'
export { defaultAddressPolicy, reachableZone } from './addresses.ts'
export type { BudgetView } from './budget.ts'
export type { RealmPolicy } from './choose-credential.ts'
export { defaultRealmPolicy } from './choose-credential.ts'
export type { UpstreamSettings } from './create-upstream.ts'
export { createUpstream } from './create-upstream.ts'
export type { Credential, Keyring, PullSecret } from './credentials.ts'
export { createKeyring, emptyKeyring, joinKeyrings } from './credentials.ts'
export type { Clock, Log } from './environment.ts'
export { silentLog, systemClock } from './environment.ts'
export type { UpstreamErrorKind } from './errors.ts'
export { isUpstreamError, UpstreamError } from './errors.ts'
export type { Limits } from './limits.ts'
export { defaultLimits } from './limits.ts'
export type { Letter, Notifier, NotifierSettings, PostResult } from './notifier.ts'
export { createNotifier } from './notifier.ts'
export type { Repository } from './target.ts'
export { isHub, registryHost } from './target.ts'
export type {
  BlobAnswer,
  BlobStat,
  ManifestAnswer,
  ManifestOptions,
  ManifestStat,
  RequestOptions,
  Upstream,
} from './upstream.ts'
export { loadWebClient } from './web-client.ts'
