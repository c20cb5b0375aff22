import { type FieldSet, isEmptySet } from './field-set.ts'
import { decodeFieldsV1, encodeFieldsV1, type FieldsV1 } from './fields-v1.ts'
import { compareText } from './path-element.ts'

/** `metav1.ManagedFieldsEntry`. */
export interface ManagedFieldsEntry {
  manager?: string
  operation?: string
  apiVersion?: string
  time?: string
  fieldsType?: string
  fieldsV1?: FieldsV1
  subresource?: string
}

/** Who owns fields: one manager, by one operation, through one resource; updates of different versions are apart. */
export interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly subresource: string
  readonly apiVersion: string
}

export interface Owner extends Manager {
  readonly set: FieldSet
  /** RFC 3339; when it last changed something. */
  readonly time?: string
}

/** Owners by {@link managerKey}. */
export type Owners = ReadonlyMap<string, Owner>

/** The version of an applier doesn't count: it is one whatever version it applies. */
export function managerKey({ manager, operation, subresource, apiVersion }: Manager): string {
  return JSON.stringify([manager, operation, subresource, operation === 'Apply' ? '' : apiVersion])
}

/** Throws a TypeError for entries that no server writes. */
export function decodeManagedFields(entries: readonly unknown[]): Owners {
  const owners = new Map<string, Owner>()
  for (const [index, entry] of entries.entries()) {
    const owner = decodeEntry((entry ?? {}) as ManagedFieldsEntry, index)
    owners.set(managerKey(owner), owner)
  }
  return owners
}

function decodeEntry(entry: ManagedFieldsEntry, index: number): Owner {
  const { manager = '', operation, apiVersion = '', fieldsType = '', subresource = '', time } = entry
  if (operation !== 'Apply' && operation !== 'Update') {
    throw new TypeError('operation must be `Apply` or `Update`')
  }
  if (apiVersion === '') throw new TypeError('apiVersion must not be empty')
  if (fieldsType === '') throw new TypeError(`missing fieldsType in managed fields entry ${index}`)
  if (fieldsType !== 'FieldsV1') {
    throw new TypeError(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`)
  }
  const set = decodeFieldsV1(entry.fieldsV1 ?? {})
  return { manager, operation, subresource, apiVersion, set, ...(time === undefined ? {} : { time }) }
}

/** In the order that the API prints: appliers first, then by time, name, version and subresource. */
export function encodeManagedFields(owners: Owners): ManagedFieldsEntry[] {
  return [...owners.values()]
    .filter(({ set }) => !isEmptySet(set))
    .sort(compareOwners)
    .map(({ manager, operation, apiVersion, time, set, subresource }) => ({
      ...(manager === '' ? {} : { manager }),
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: encodeFieldsV1(set),
      ...(subresource === '' ? {} : { subresource }),
    }))
}

function compareOwners(a: Owner, b: Owner): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? '', b.time ?? '') ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  )
}
