import type { Static, TSchema } from 'typebox'
import { compileSchema, type DecodeContext } from './decode-schema.ts'

export { DecodeError } from './decode-schema.ts'

export interface Decoded<T = unknown> {
  /** The canonical form: known fields only, in the schema's order, zero values as `emit` says. */
  value: T
  /** Paths of what was dropped, in the order of the input: `spec.bogus`, `spec.tags[0].foo`. */
  unknown: string[]
}

export interface DecodeOptions {
  /** What was decoded by the same schema before: fields that the value has from there, and not copies, are taken as they are. */
  known?: Readonly<Record<string, unknown>>
}

/**
 * Takes a JSON value for what the schema says it is (schema.ts lists the keywords). The result may share raw parts with
 * the input but never changes it.
 *
 * Throws a DecodeError with Go's words for the first field of the wrong JSON type (image-api.md §2.3), e.g.
 * `json: cannot unmarshal string into Go struct field ImageStreamSpec.spec.tags of type []v1.TagReference`.
 */
export function decode<S extends TSchema>(
  schema: S,
  value: unknown,
  options?: DecodeOptions,
): Decoded<Static<S>>
export function decode<T>(schema: TSchema, value: unknown, options?: DecodeOptions): Decoded<T>
export function decode(schema: TSchema, value: unknown, { known }: DecodeOptions = {}): Decoded {
  const context: DecodeContext = { path: [], structs: [], unknown: [], ...(known && { known }) }
  const node = compileSchema(schema)
  return {
    value: value === null || value === undefined ? node.zero() : node.decode(value, context, 0),
    unknown: context.unknown,
  }
}
