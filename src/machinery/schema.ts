import Type, {
  type Static,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
  type TUnsafe,
} from 'typebox'

/**
 * How the schema of a kind is written. One TypeBox declaration gives the static type (`Static`), decoding
 * (decode.ts), merge keys of patches (strategic-merge-patch.ts) and OpenAPI.
 *
 * Keywords that decode.ts reads, besides plain JSON schema (`type`, `properties`, `items`, `additionalProperties`,
 * `patternProperties`, `anyOf`, `allOf`, `format`):
 *
 * | keyword | on | meaning |
 * |---|---|---|
 * | `emit: 'omit'` | property | Go's `omitempty`: left out when `''`, `0`, `false`, `{}`, `[]` or null |
 * | `emit: 'null'` | property | unset prints `null`; with `emptyIsNull: true` an empty map or list does too |
 * | `emit: 'always'` | property | unset prints `default`, or the zero value (`''`, 0, false, `[]`, `{}` with its own `always` fields) |
 * | no `emit` | property | a Go pointer: null is dropped, everything else is kept as sent |
 * | `default` | property | stands in for unset, null and `''`, whatever `emit` says |
 * | `preserve: true` | object | unknown fields are kept as they came; without `properties`: raw JSON |
 * | `goStruct: 'TagReference'` | object | name of the Go struct, for messages |
 * | `goType: 'v1.TagReference'` | any | Go type in messages; else `v1.<goStruct>`, `string`, `int64`, `[]T`, `map[string]T`, … |
 * | `format: 'int32'` | integer | checked against its range; `int64` is the default |
 * | `format: 'date-time'` | string | `metav1.Time`: RFC 3339, printed in UTC with whole seconds; `goType: 'v1.MicroTime'` keeps microseconds |
 * | `format: 'byte'` | string | base64 |
 * | `format: 'quantity'` | string | a `resource.Quantity`: a number is taken as its text |
 * | `format: 'int-or-string'` | any | `intstr.IntOrString` |
 *
 * A schema without a type (`Type.Unknown()`) keeps any JSON. Enumerations and limits are not decode's business: in
 * Kubernetes they are validation, with field errors.
 *
 * Keywords of patches, on list properties (as Kubernetes publishes them in OpenAPI):
 * `x-kubernetes-patch-strategy: 'merge' | 'replace' | 'retainKeys' | 'merge,retainKeys'`,
 * `x-kubernetes-patch-merge-key: 'name'`, `x-kubernetes-list-type: 'map' | 'set' | 'atomic'`,
 * `x-kubernetes-list-map-keys: ['name']`, `x-kubernetes-map-type: 'atomic' | 'granular'`.
 *
 * Write properties with the helpers below: `struct('ImageStreamSpec', { tags: omit(list(tagReference, mergeBy('name'))) })`.
 */
export interface SchemaKeywords {
  emit?: 'omit' | 'null' | 'always'
  emptyIsNull?: boolean
  preserve?: boolean
  goStruct?: string
  /** Set by {@link struct}: what the struct itself is about. */
  structDescription?: string
  /** Name of the struct in OpenAPI, where it isn't of the package of the kind that holds it. */
  schemaName?: string
  /** Whether OpenAPI lists the property as required; else it does when the property is always printed. */
  mandatory?: boolean
  goType?: string
  format?: string
  default?: unknown
  description?: string
  'x-kubernetes-patch-strategy'?: string
  'x-kubernetes-patch-merge-key'?: string
  'x-kubernetes-list-type'?: 'map' | 'set' | 'atomic'
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: 'atomic' | 'granular'
  [keyword: string]: unknown
}

/** The same schema with more keywords; TypeBox's own hidden marks stay. */
export function withKeywords<T extends TSchema>(schema: T, keywords: SchemaKeywords): T {
  const copy = Object.create(
    Object.getPrototypeOf(schema) as object | null,
    Object.getOwnPropertyDescriptors(schema),
  ) as T
  return Object.assign(copy, keywords)
}

// Emission ---------------------------------------------------------------------------------------------------------

/** `json:"x,omitempty"`. */
export function omit<T extends TSchema>(schema: T, keywords: SchemaKeywords = {}) {
  return Type.Optional(withKeywords(schema, { ...keywords, emit: 'omit' }))
}

/** A pointer with `omitempty`: what was sent is kept, zero values too. */
export function pointer<T extends TSchema>(schema: T, keywords: SchemaKeywords = {}) {
  return Type.Optional(withKeywords(schema, keywords))
}

/** A pointer, map or slice without `omitempty`. */
export function orNull<T extends TSchema>(schema: T, keywords: SchemaKeywords = {}) {
  const marked = withKeywords(schema, { ...keywords, emit: 'null' })
  return marked as unknown as TUnsafe<Static<T> | null>
}

/** A value without `omitempty`. */
export function always<T extends TSchema>(schema: T, keywords: SchemaKeywords = {}): T {
  return withKeywords(schema, { ...keywords, emit: 'always' })
}

// Types ------------------------------------------------------------------------------------------------------------

/** A Go struct. */
export function struct<P extends TProperties>(
  goStruct: string,
  properties: P,
  keywords: SchemaKeywords = {},
): TObject<P> {
  // A property of this type may have a description of its own: the struct's stays apart from it, for OpenAPI.
  const own = keywords.description === undefined ? {} : { structDescription: keywords.description }
  return withKeywords(Type.Object(properties), { goStruct, ...own, ...keywords })
}

export function goString(keywords: SchemaKeywords = {}) {
  return withKeywords(Type.String(), keywords)
}

export function goBool(keywords: SchemaKeywords = {}) {
  return withKeywords(Type.Boolean(), keywords)
}

export function int32(keywords: SchemaKeywords = {}) {
  return Type.Integer({ ...keywords, format: 'int32' })
}

export function int64(keywords: SchemaKeywords = {}) {
  return Type.Integer({ ...keywords, format: 'int64' })
}

export function list<T extends TSchema>(items: T, keywords: SchemaKeywords = {}) {
  return withKeywords(Type.Array(items), keywords)
}

export function map<T extends TSchema>(
  values: T,
  keywords: SchemaKeywords = {},
): TUnsafe<Record<string, Static<T>>> {
  return Type.Unsafe<Record<string, Static<T>>>({ type: 'object', additionalProperties: values, ...keywords })
}

export function stringMap(keywords: SchemaKeywords = {}) {
  return map(Type.String(), keywords)
}

/** `metav1.Time`. */
export function time(keywords: SchemaKeywords = {}) {
  return Type.String({ ...keywords, format: 'date-time' })
}

/** `metav1.MicroTime`. */
export function microTime(keywords: SchemaKeywords = {}) {
  return Type.String({ ...keywords, format: 'date-time', goType: 'v1.MicroTime' })
}

/** `[]byte`: base64 on the wire. */
export function bytes(keywords: SchemaKeywords = {}) {
  return Type.String({ ...keywords, format: 'byte' })
}

/** `resource.Quantity`. */
export function quantity(keywords: SchemaKeywords = {}) {
  return Type.String({ ...keywords, format: 'quantity' })
}

/** `intstr.IntOrString`. */
export function intOrString(keywords: SchemaKeywords = {}) {
  return Type.Unsafe<number | string>({ ...keywords, format: 'int-or-string' })
}

/** Any JSON, kept whole: `runtime.RawExtension`, or parts of an object that nothing here reads. */
export function raw(keywords: SchemaKeywords = {}) {
  return Type.Unsafe<unknown>({ preserve: true, ...keywords })
}

/** An object whose fields nobody here reads, kept whole; anything but an object is a type error. */
export function rawObject(goStruct: string, keywords: SchemaKeywords = {}) {
  return Type.Unsafe<Record<string, unknown>>({ type: 'object', preserve: true, goStruct, ...keywords })
}

/** List keywords: merged by one key, as in `patchStrategy:"merge" patchMergeKey:"name"`. */
export function mergeBy(key: string): SchemaKeywords {
  return {
    'x-kubernetes-patch-strategy': 'merge',
    'x-kubernetes-patch-merge-key': key,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': [key],
  }
}

/** List keywords of a set of scalars that patches merge. */
export const mergeSet: SchemaKeywords = {
  'x-kubernetes-patch-strategy': 'merge',
  'x-kubernetes-list-type': 'set',
}

/** List keywords: replaced whole. */
export const atomic: SchemaKeywords = { 'x-kubernetes-list-type': 'atomic' }

export type { Static, TObject, TOptional, TSchema }
