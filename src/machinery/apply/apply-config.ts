import { ApiError, badRequest, conflict } from '../errors.ts'
import { apiVersionOf, type Kind } from '../kind.ts'
import type { KubeObject } from '../object.ts'
import { applyConflict, type Conflict } from './conflicts.ts'
import { emptyFieldSet } from './field-set.ts'
import {
  fieldsOfLastApplied,
  kubectlManager,
  lastAppliedText,
  withLastApplied,
  withoutFields,
} from './last-applied.ts'
import { type Manager, managerKey, type Owner, type Owners } from './managed-fields.ts'
import { type MergeType, mergeTypeOf } from './merge-type.ts'
import { type AppliedValue, type OwnedValue, ownApply, ownUpdate } from './own-fields.ts'
import {
  type FieldWriter,
  readOwners,
  systemFields,
  toManagedFields,
  toManager,
  unwritableFields,
  withoutManagedFields,
  zeroObject,
} from './track-update.ts'
import { ElementError, isMapValue, type MapValue } from './typed-value.ts'
import { formatValueErrors, validateValue } from './validate-value.ts'

/** Owner of all that an object had before anybody applied to it. */
const beforeFirstApply = 'before-first-apply'

export interface ApplyOptions extends FieldWriter {
  /** Takes what others own instead of refusing. */
  force: boolean
  /** Name and namespace of the URL. */
  name: string
  namespace: string
}

/**
 * Server-side apply of a manifest onto what is there (`live` undefined: nothing): the merged object, not yet decoded, with its
 * `managedFields`. Rejects what isn't of the kind's shape with the words of Kubernetes, and with 409 what others own.
 */
export function applyConfig(
  kind: Kind,
  live: KubeObject | undefined,
  body: unknown,
  options: ApplyOptions,
): KubeObject {
  const config = readConfig(kind, live, body, options)
  const type = mergeTypeOf(kind.schema)
  const errors = validateValue(type, config)
  if (errors.length > 0) throw untyped(kind, config, formatValueErrors(errors))
  try {
    return applyTyped(kind, type, live, body as MapValue, config, options)
  } catch (error) {
    // The manifest has been looked through: it is what is there that can't be merged.
    throw error instanceof ElementError ? untyped(kind, config, error.message, 'live') : error
  }
}

function applyTyped(
  kind: Kind,
  type: MergeType,
  live: KubeObject | undefined,
  sent: MapValue,
  config: MapValue,
  options: ApplyOptions,
): KubeObject {
  const before = live ?? zeroObject(kind)
  const owned: OwnedValue = {
    type,
    live: withoutManagedFields(before),
    owners: ownersBefore(kind, type, live, options),
    ignored: unwritableFields(kind, options.subresource),
    unowned: systemFields,
  }
  const by = toManager(kind, options, 'Apply')
  const applied = settle(kind, owned, config, by, options.force)
  const result = applied.changed ? (applied.value as KubeObject) : withoutManagedFields(before)
  const owners = stamped(applied, owned.owners, by, options.now)
  return withEntries(options.manager === kubectlManager ? refreshed(result, sent) : result, owners)
}

/** The manifest as a map, placed where the URL says. */
function readConfig(
  kind: Kind,
  live: KubeObject | undefined,
  body: unknown,
  { name, namespace }: ApplyOptions,
): MapValue {
  if (!isMapValue(body)) throw badRequest('error decoding YAML: the patch is not an object')
  const expected = apiVersionOf(kind)
  if (body.apiVersion !== expected) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${String(body.apiVersion ?? '')}, expected: ${expected}`,
    )
  }
  if (body.kind !== kind.kind) throw untyped(kind, body, `no corresponding type for ${gvkOf(kind, body)}`)
  const metadata = isMapValue(body.metadata) ? body.metadata : {}
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil')
  }
  requirePlace(kind, live, metadata, name, namespace)
  const place = kind.namespaced && namespace !== '' ? { name, namespace } : { name }
  return { ...body, metadata: { ...metadata, ...place } }
}

function requirePlace(
  kind: Kind,
  live: KubeObject | undefined,
  metadata: MapValue,
  name: string,
  namespace: string,
): void {
  const { name: sent = '', namespace: home = '', uid = '' } = metadata
  if (sent === '' && live === undefined) {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    )
  }
  if (sent !== '' && sent !== name) {
    throw badRequest(`the name of the object (${String(sent)}) does not match the name on the URL (${name})`)
  }
  if (home !== '' && home !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  if (live === undefined && uid !== '') {
    const why = `uid mismatch: the provided object specified uid ${String(uid)}, and no existing object was found`
    throw conflict({ group: kind.group, resource: kind.plural }, name, why)
  }
}

function gvkOf(kind: Kind, config: MapValue): string {
  return `${apiVersionOf(kind).includes('/') ? '' : '/'}${apiVersionOf(kind)}, Kind=${String(config.kind ?? '')}`
}

/** In Kubernetes this is an error of no known reason: 500. */
function untyped(kind: Kind, config: MapValue, why: string, what: 'patch' | 'live' = 'patch'): ApiError {
  const { name = '', namespace = '' } = isMapValue(config.metadata) ? config.metadata : {}
  const which = `${String(namespace)}/${String(name)}; ${gvkOf(kind, config)}`
  return new ApiError(500, '', `failed to create typed ${what} object (${which}): ${why}`)
}

/** What an object without owners holds belongs to those before the first apply. */
function ownersBefore(
  kind: Kind,
  type: MergeType,
  live: KubeObject | undefined,
  options: ApplyOptions,
): Owners {
  // A projection shows the account of the object behind it, whose fields are others.
  const owners = readOwners(kind.stored ? (live?.metadata.managedFields ?? []) : [])
  // Who owns what a Scale shows is known of its object alone: the write is accounted there.
  if (owners.size > 0 || live === undefined || options.subresource === 'scale') return owners
  const by = toManager(kind, { ...options, manager: beforeFirstApply }, 'Update')
  // Where a kind has its own rules for its status, as streams have, that is owned as well.
  const ignored =
    kind.hooks.prepareStatusUpdate === undefined ? emptyFieldSet : unwritableFields(kind, options.subresource)
  const owned = { type, live: zeroObject(kind), owners, ignored, unowned: systemFields }
  return ownUpdate(owned, withoutManagedFields(live), by, options.now)
}

/** kubectl may take what client-side apply set before; other conflicts need `force`. */
function settle(kind: Kind, owned: OwnedValue, config: MapValue, by: Manager, force: boolean): AppliedValue {
  const applied = ownApply(owned, config, by, force)
  if (!('conflicts' in applied)) return applied
  const allowed =
    by.manager === kubectlManager
      ? fieldsOfLastApplied(owned.type, owned.live as KubeObject, apiVersionOf(kind))
      : undefined
  const left: Conflict[] =
    allowed === undefined ? applied.conflicts : withoutFields(applied.conflicts, allowed)
  if (left.length > 0) throw applyConflict(left)
  const forced = ownApply(owned, config, by, true)
  if ('conflicts' in forced) throw applyConflict(forced.conflicts)
  return forced
}

/** The applier's entry carries the time of the last apply that changed something. */
function stamped({ owners, changed }: AppliedValue, before: Owners, by: Manager, now: string): Owners {
  const key = managerKey(by)
  const entry: Owner | undefined = owners.get(key)
  if (entry === undefined) return owners
  const time = changed ? now : (before.get(key)?.time ?? now)
  return new Map(owners).set(key, { ...entry, time })
}

function refreshed(object: KubeObject, config: MapValue): KubeObject {
  return lastAppliedText(object) === '' ? object : withLastApplied(object, config)
}

function withEntries(object: KubeObject, owners: Owners): KubeObject {
  const entries = toManagedFields(owners)
  return {
    ...object,
    metadata: { ...object.metadata, ...(entries === undefined ? {} : { managedFields: entries }) },
  }
}
