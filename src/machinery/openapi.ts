import { groupNames, versionsOf } from './discovery.ts'
import type { Kind } from './kind.ts'
import { encodeOpenApiV2 } from './openapi-protobuf.ts'
import { collectDefinitions, type Definitions } from './openapi-schema.ts'
import { type OpenApiV2, toOpenApiV2 } from './openapi-v2.ts'
import { type OpenApiV3, type OpenApiV3Index, toOpenApiV3, toOpenApiV3Index } from './openapi-v3.ts'

export type { OpenApiV2, OpenApiV3, OpenApiV3Index }

/** OpenAPI documents made from the kinds' schemas (image-api.md §1). Each is made when first asked for, and once. */
export interface OpenApi {
  /** Of `/openapi/v2`: everything. */
  v2(): OpenApiV2
  /** The same as gnostic's protobuf, `application/com.github.proto-openapi.spec.v2.v1.0+protobuf`. */
  v2Protobuf(): Uint8Array
  /** Of `/openapi/v3/api/v1` and `/openapi/v3/apis/<group>/<version>`; undefined where nothing is served. */
  v3(group: string, version: string): OpenApiV3 | undefined
  /**
   * Of `/openapi/v3`. `hashOf` gives the hash by which clients cache a group version's document; it is asked for
   * every group version.
   */
  v3Index(hashOf: (group: string, version: string) => string): OpenApiV3Index
}

export function createOpenApi(kinds: readonly Kind[], serverVersion: string): OpenApi {
  let definitions: Definitions | undefined
  let whole: OpenApiV2 | undefined
  const parts = new Map<string, OpenApiV3 | undefined>()
  const defined = (): Definitions => {
    definitions ??= collectDefinitions(kinds)
    return definitions
  }
  const v2 = (): OpenApiV2 => {
    whole ??= toOpenApiV2(kinds, defined(), serverVersion)
    return whole
  }
  return {
    v2,
    v2Protobuf: () => encodeOpenApiV2(v2()),
    v3(group, version) {
      const key = `${group}/${version}`
      if (!parts.has(key)) parts.set(key, toOpenApiV3(kinds, group, version, defined(), serverVersion))
      return parts.get(key)
    },
    v3Index: (hashOf) => toOpenApiV3Index(groupVersions(kinds), hashOf),
  }
}

function groupVersions(kinds: readonly Kind[]): { group: string; version: string }[] {
  return ['', ...groupNames(kinds)].flatMap((group) =>
    versionsOf(kinds, group).map((version) => ({ group, version })),
  )
}
