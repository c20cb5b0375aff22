export type * from './client.ts'
export { type ApiGroup, type ApiResource, type Discovered, discover } from './discovery.ts'
export {
  createClientFromRest,
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  patchContentTypes,
  watchEvents,
} from './http-client.ts'
export { escapeSegment, findCategory, findKind, findResource, resourcePath } from './resource-name.ts'
export {
  createRest,
  formatQuery,
  type Impersonation,
  type Query,
  type Rest,
  type RestOptions,
  type RestRequest,
  type RestResponse,
  type TraceEvent,
} from './rest.ts'
export { createTransport, type Transport, TransportError, type TransportOptions } from './transport.ts'
export { readLines } from './watch-lines.ts'
