import type { TObject, TProperties } from 'typebox'
import { type SchemaKeywords, struct } from '../../machinery/schema.ts'

/**
 * A maker of Go structs of one package. Each gets its name in OpenAPI, e.g. `io.k8s.api.core.v1.Container`, as the
 * keyword `schemaName` (machinery/openapi.ts).
 */
export function structIn(packageName: string) {
  return <P extends TProperties>(
    goStruct: string,
    properties: P,
    keywords: SchemaKeywords = {},
  ): TObject<P> => struct(goStruct, properties, { schemaName: `${packageName}.${goStruct}`, ...keywords })
}
