import { decode } from '../decode.ts'
import { apiVersionOf, type Kind } from '../kind.ts'
import type { KubeObject } from '../object.ts'
import { capUpdaters } from './cap-updaters.ts'
import { emptyFieldSet, type FieldSet, toFieldSet } from './field-set.ts'
import {
  decodeManagedFields,
  encodeManagedFields,
  type ManagedFieldsEntry,
  type Manager,
  type Owners,
} from './managed-fields.ts'
import { mergeTypeOf } from './merge-type.ts'
import { ownUpdate } from './own-fields.ts'
import { ElementError } from './typed-value.ts'

/** Who writes, through which resource, and when. */
export interface FieldWriter {
  /** '' is known as `unknown`. */
  manager: string
  subresource: string
  /** RFC 3339. */
  now: string
}

/** Metadata that belongs to the server or names the object: nobody owns it. */
export const systemFields: FieldSet = toFieldSet([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => ['f:metadata', `f:${name}`]),
])

const statusFields = toFieldSet([['f:status']])
const allButStatus = toFieldSet([['f:spec'], ['f:metadata', 'f:labels']])

/** What a write through the resource can't change (in Kubernetes a strategy's "reset fields"). */
export function unwritableFields(kind: Kind, subresource: string): FieldSet {
  if (subresource === 'status') return allButStatus
  const hasStatus = kind.subresources.some(({ name }) => name === 'status')
  return hasStatus ? statusFields : emptyFieldSet
}

const zeros = new WeakMap<Kind, KubeObject>()

/** The kind's object before anybody has said anything: fields that it prints anyway belong to nobody. */
export function zeroObject(kind: Kind): KubeObject {
  const known = zeros.get(kind)
  if (known !== undefined) return known
  const zero = decode<KubeObject>(kind.schema, {}).value
  zeros.set(kind, zero)
  return zero
}

export function toManager(kind: Kind, writer: FieldWriter, operation: Manager['operation']): Manager {
  const { manager, subresource } = writer
  return {
    manager: manager === '' ? 'unknown' : manager,
    operation,
    subresource,
    apiVersion: apiVersionOf(kind),
  }
}

/**
 * `metadata.managedFields` after a create (`live` undefined), update or patch by other means than apply; undefined for none.
 * Objects without any stay without: tracking begins with a create or with the first apply
 * (`k8s.io/apimachinery/pkg/util/managedfields`). `next` is as the client wishes it, defaults filled in.
 */
export function trackUpdate(
  kind: Kind,
  live: KubeObject | undefined,
  next: KubeObject,
  writer: FieldWriter,
): ManagedFieldsEntry[] | undefined {
  const sent = next.metadata.managedFields ?? []
  const kept = live?.metadata.managedFields ?? []
  if (live !== undefined && sent.length === 0 && kept.length === 0) return undefined
  const owners = ownersToKeep(sent, kept, writer.subresource)
  if (live !== undefined && owners.size === 0) return undefined
  const by = toManager(kind, writer, 'Update')
  const before = live ?? zeroObject(kind)
  const owned = {
    type: mergeTypeOf(kind.schema),
    live: withoutManagedFields(before),
    owners,
    ignored: unwritableFields(kind, writer.subresource),
    unowned: systemFields,
  }
  try {
    return toManagedFields(capUpdaters(ownUpdate(owned, withoutManagedFields(next), by, writer.now)))
  } catch (error) {
    // An object whose lists have no keys can be written all the same; validation will say more.
    if (error instanceof ElementError) return kept.length === 0 ? undefined : (kept as ManagedFieldsEntry[])
    throw error
  }
}

/** For comparisons: what is tracked is no field of its own. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object
  const { managedFields: _tracked, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** The entries as an object carries them; undefined for none. */
export function toManagedFields(owners: Owners): ManagedFieldsEntry[] | undefined {
  const entries = encodeManagedFields(owners)
  return entries.length === 0 ? undefined : entries
}

function ownersToKeep(sent: readonly unknown[], kept: readonly unknown[], subresource: string): Owners {
  if (subresource === '' && sent.length > 0) {
    // One empty entry asks to forget everything.
    if (sent.length === 1 && Object.keys(sent[0] as object).length === 0) return new Map()
    const owners = readOwners(sent)
    if (owners.size > 0) return owners
  }
  return readOwners(kept)
}

/** What can't be read is forgotten. */
export function readOwners(entries: readonly unknown[]): Owners {
  try {
    return decodeManagedFields(entries)
  } catch (error) {
    if (error instanceof TypeError) return new Map()
    throw error
  }
}
