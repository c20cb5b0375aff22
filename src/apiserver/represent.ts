import type { Status } from '../machinery/errors.ts'
import {
  listTransforms,
  type Negotiated,
  negotiate,
  objectTransforms,
  parseIncludeObject,
  toPartialObject,
  toPartialObjectList,
  toTable,
} from '../machinery/index.ts'
import { apiVersionOf, type Kind } from '../machinery/kind.ts'
import type { KubeList, KubeObject } from '../machinery/object.ts'

/** Objects in the form that the client negotiated: themselves, a Table, or their metadata (image-api.md §2.5, §15). */

export function negotiateObject(accept: string | undefined): Negotiated {
  return negotiate(accept, { transforms: objectTransforms })
}

export function negotiateList(accept: string | undefined): Negotiated {
  return negotiate(accept, { transforms: listTransforms })
}

export interface RepresentOptions {
  wanted: Negotiated
  /** The query parameter. */
  includeObject: string | null
  now: Date
}

/** Kinds whose Table carries no list metadata (image-api.md §15). */
const bareTables = new Set(['ImageStreamImage'])

export function representObject(kind: Kind, object: KubeObject, options: RepresentOptions): object {
  const { wanted, now } = options
  const apiVersion = `${wanted.group}/${wanted.version}`
  if (wanted.as === 'Table') {
    const { resourceVersion } = object.metadata
    return toTable(kind, [object], {
      listMeta: resourceVersion === undefined || bareTables.has(kind.kind) ? {} : { resourceVersion },
      includeObject: parseIncludeObject(options.includeObject ?? undefined),
      now,
      columns: true,
      apiVersion,
    })
  }
  if (wanted.as === 'PartialObjectMetadata') return toPartialObject(object, apiVersion)
  return object
}

export function representList(kind: Kind, list: KubeList, options: RepresentOptions): object {
  const { wanted, now } = options
  const apiVersion = `${wanted.group}/${wanted.version}`
  if (wanted.as === 'Table') {
    return toTable(kind, list.items, {
      listMeta: list.metadata,
      includeObject: parseIncludeObject(options.includeObject ?? undefined),
      now,
      columns: true,
      apiVersion,
    })
  }
  if (wanted.as === 'PartialObjectMetadataList') return toPartialObjectList(list, apiVersion)
  return {
    kind: list.kind ?? kind.listKind,
    apiVersion: list.apiVersion ?? apiVersionOf(kind),
    metadata: list.metadata,
    items: list.items,
  }
}

export function isStatus(object: KubeObject | KubeList | Status): object is Status {
  return object.kind === 'Status' && object.apiVersion === 'v1'
}
