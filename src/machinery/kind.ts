import type { TSchema } from 'typebox'
import type { FieldError } from './errors.ts'
import type { KubeObject } from './object.ts'

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch'

/** A column of `meta.k8s.io/v1 Table`. */
export interface Column<T> {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  format?: string
  description: string
  /** 0 is always shown, 1 with `-o wide`. */
  priority?: number
  value(object: T, now: Date): unknown
}

export interface Subresource {
  /** Last part of the path: `status`, `scale`, `layers`, `token`, … */
  name: string
  kind: string
  /** When the subresource's kind lives in another group version than the parent (e.g. autoscaling/v1 Scale). */
  group?: string
  version?: string
  verbs: readonly Verb[]
  /** Of what is sent or answered, where that isn't the parent's kind. It carries its `schemaName`. */
  schema?: TSchema
}

/** What a hook may know besides the objects: never a connection, never a clock of its own. */
export interface WriteContext {
  now: Date
  /** Name of the caller, for records of who did it. */
  userName: string
  /** `sha256:<hex>` of text. */
  digest?(text: string): string
}

/**
 * Pure functions of one kind, called by the one generic path (resources) in this order:
 * create: prepareCreate → validateCreate; update: prepareUpdate → validateUpdate;
 * update of `status`: prepareStatusUpdate → validateStatusUpdate. None may change its arguments.
 */
export interface KindHooks<T extends KubeObject> {
  /** The object with what its writer left out filled in; `prepare…` does the same. Whoever writes owns defaults too. */
  defaults?(next: T, context: WriteContext): T
  prepareCreate?(next: T, context: WriteContext): T
  prepareUpdate?(next: T, old: T, context: WriteContext): T
  prepareStatusUpdate?(next: T, old: T, context: WriteContext): T
  validateCreate?(next: T): FieldError[]
  validateUpdate?(next: T, old: T): FieldError[]
  validateStatusUpdate?(next: T, old: T): FieldError[]
  /** Reasons why the name is no good, [] when it is; default: DNS subdomain. `field` is metadata.name or .generateName. */
  validateName?(name: string, isPrefix: boolean): string[]
}

/** Declared as a method so that a Kind of a special type is a Kind (parameters of methods vary both ways). */
type FieldOf<T> = { field(object: T): string }['field']

export interface Kind<T extends KubeObject = KubeObject> {
  /** '' for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly listKind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  readonly verbs: readonly Verb[]
  readonly subresources: readonly Subresource[]
  /**
   * The object's schema. One declaration gives static type, decoding (machinery/decode.ts says which annotations
   * it reads), strict validation, patch merge keys and OpenAPI.
   */
  readonly schema: TSchema
  /** Name in OpenAPI, e.g. `com.github.openshift.api.image.v1.ImageStream`. */
  readonly schemaName: string
  readonly storageVersionHash?: string
  readonly columns: readonly Column<T>[]
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly fieldSelectors: Readonly<Record<string, FieldOf<T>>>
  readonly hooks: KindHooks<T>
  /** A PUT without resourceVersion is refused (no unconditional update). */
  readonly requiresResourceVersion: boolean
  /** Also known without a group, as in the API of OpenShift 3 (`/oapi/v1`). */
  readonly legacy?: boolean
  /** Said in a `Warning` header of every answer about the kind. */
  readonly deprecation?: string
  /** false: a projection or a review; only the handlers registered for it answer. */
  readonly stored: boolean
}

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]

type Optional =
  | 'listKind'
  | 'singular'
  | 'shortNames'
  | 'categories'
  | 'verbs'
  | 'subresources'
  | 'columns'
  | 'fieldSelectors'
  | 'hooks'
  | 'stored'
  | 'requiresResourceVersion'

/** Fills in what most kinds share. */
export function defineKind<T extends KubeObject>(
  definition: Omit<Kind<T>, Optional> & Partial<Pick<Kind<T>, Optional>>,
): Kind<T> {
  return {
    listKind: `${definition.kind}List`,
    singular: definition.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    verbs: allVerbs,
    subresources: [],
    columns: [],
    fieldSelectors: {},
    hooks: {},
    stored: true,
    requiresResourceVersion: false,
    ...definition,
  }
}

export function apiVersionOf(kind: { group: string; version: string }): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
}
