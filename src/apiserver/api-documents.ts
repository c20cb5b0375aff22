import { createHash } from 'node:crypto'
import {
  type AggregatedVersion,
  aggregatedCore,
  aggregatedGroups,
} from '../machinery/aggregated-discovery.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions, groupNames } from '../machinery/discovery.ts'
import type { Kind } from '../machinery/kind.ts'
import { createOpenApi } from '../machinery/openapi.ts'
import { createDocuments, type DocumentMaker, type DocumentSource, groupVersionsOf } from './documents.ts'

/** What `/version` tells: the Kubernetes whose conventions are followed, for clients that go by it. */
export interface VersionInfo {
  major: string
  minor: string
  gitVersion: string
  gitCommit: string
  gitTreeState: string
  buildDate: string
  goVersion: string
  compiler: string
  platform: string
}

const json = 'application/json'

/** Discovery, OpenAPI, version and health: every document outside of the resources, each made when first asked for. */
export function createApiDocuments(
  kinds: readonly Kind[],
  version: VersionInfo,
  others: Readonly<Record<string, object>>,
): DocumentSource {
  const makers = new Map<string, DocumentMaker>()
  const openApi = createOpenApi(kinds, version.gitVersion)
  const add = (path: string, body: () => object, contentType = json) =>
    makers.set(path, () => ({ body: body(), contentType }))
  const keep = (path: string, body: () => object | Buffer, contentType = json) =>
    makers.set(path, () => ({ body: body(), contentType, kept: true }))

  add('/api', () => apiVersions(kinds))
  add('/apis', () => apiGroupList(kinds))
  for (const form of ['v2', 'v2beta1'] as const) addAggregated(makers, kinds, form)
  for (const group of groupNames(kinds)) add(`/apis/${group}`, () => apiGroup(kinds, group) ?? {})
  for (const { group, version: each } of groupVersionsOf(kinds)) {
    const path = group === '' ? `api/${each}` : `apis/${group}/${each}`
    add(`/${path}`, () => apiResourceList(kinds, group, each) ?? {})
    keep(`/openapi/v3/${path}`, () => openApi.v3(group, each) ?? {})
  }
  // The index names each document by the hash of its bytes, so that clients may keep what they have.
  const index = () => {
    const documents = createDocuments(makers)
    return openApi.v3Index((group, each) => {
      const path = group === '' ? `api/${each}` : `apis/${group}/${each}`
      return hashOf(documents.find(`/openapi/v3/${path}`, '')?.body ?? Buffer.alloc(0))
    })
  }
  // The real server's content type (r397), odd as it is for JSON.
  add('/openapi/v3', index, 'text/plain; charset=utf-8')
  keep('/openapi/v2', () => openApi.v2())
  keep(
    '/openapi/v2 protobuf',
    () => Buffer.from(openApi.v2Protobuf()),
    'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  )
  add('/version', () => version)
  for (const [path, body] of Object.entries(others)) add(path, () => body)
  add('/', () => ({ paths: [...makers.keys()].filter((path) => !path.includes(' ')).sort() }))
  for (const path of ['/healthz', '/livez', '/readyz']) {
    makers.set(path, () => ({ body: Buffer.from('ok'), contentType: 'text/plain; charset=utf-8' }))
  }
  return createDocuments(makers)
}

function hashOf(bytes: Buffer): string {
  return createHash('sha512').update(bytes).digest('hex').toUpperCase()
}

function addAggregated(
  makers: Map<string, DocumentMaker>,
  kinds: readonly Kind[],
  form: AggregatedVersion,
): void {
  const contentType = `${json};g=apidiscovery.k8s.io;v=${form};as=APIGroupDiscoveryList`
  makers.set(`/api ${form}`, () => ({ body: aggregatedCore(kinds, form), contentType, kept: true }))
  makers.set(`/apis ${form}`, () => ({ body: aggregatedGroups(kinds, form), contentType, kept: true }))
}
