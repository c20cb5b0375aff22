import { type FieldError, quote } from './errors.ts'
import {
  byteLength,
  labelValueProblems,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './names.ts'
import type { ObjectMeta, OwnerReference } from './object.ts'

/** Rules that all kinds share, with the texts of `k8s.io/apimachinery/pkg/api/validation`. */

export interface MetaRules {
  namespaced: boolean
  /** What is wrong with a name, or with the prefix that a name is made from; default: a DNS subdomain. */
  nameRule?: ((name: string, isPrefix: boolean) => string[]) | undefined
}

/** Sum of all keys and values. */
export const maxAnnotationBytes = 256 * 1024

function invalids(field: string, value: unknown, details: readonly string[]): FieldError[] {
  return details.map((detail) => ({ type: 'Invalid value', field, value, detail }))
}

export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...invalids(field, key, qualifiedNameProblems(key)),
    ...invalids(field, value, labelValueProblems(value)),
  ])
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {})
  const size = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0)
  return [
    ...entries.flatMap(([key]) => invalids(field, key, qualifiedNameProblems(key.toLowerCase()))),
    ...(size > maxAnnotationBytes
      ? [
          {
            type: 'Too long',
            field,
            value: '',
            detail: `may not be more than ${maxAnnotationBytes} bytes`,
          } as const,
        ]
      : []),
  ]
}

function validateOwners(owners: readonly OwnerReference[], field: string): FieldError[] {
  const errors = owners.flatMap((owner, i): FieldError[] => {
    const at = `${field}[${i}]`
    return [
      ...(owner.apiVersion
        ? []
        : invalids(`${at}.apiVersion`, owner.apiVersion, ['version must not be empty'])),
      ...(owner.kind ? [] : invalids(`${at}.kind`, owner.kind, ['must not be empty'])),
      ...(owner.name ? [] : invalids(`${at}.name`, owner.name, ['must not be empty'])),
      ...(owner.uid ? [] : invalids(`${at}.uid`, owner.uid, ['must not be empty'])),
    ]
  })
  const [first, second] = owners.filter((owner) => owner.controller === true)
  if (first === undefined || second === undefined) return errors
  const names = `${first.kind}/${first.name} and ${second.kind}/${second.name}`
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${names}`
  return [...errors, ...invalids(field, owners, [detail])]
}

function validateFinalizers(finalizers: readonly string[], field: string): FieldError[] {
  return finalizers.flatMap((finalizer, i) => [
    ...invalids(field, finalizer, qualifiedNameProblems(finalizer)),
    ...(finalizers.indexOf(finalizer) < i
      ? [{ type: 'Duplicate value', field: `${field}[${i}]`, value: finalizer } as const]
      : []),
  ])
}

function validateNames(meta: ObjectMeta, { namespaced, nameRule }: MetaRules, field: string): FieldError[] {
  const rule = nameRule ?? nameIsDnsSubdomain
  const { name = '', generateName = '', namespace = '' } = meta
  const errors: FieldError[] = []
  if (generateName !== '') {
    errors.push(...invalids(`${field}.generateName`, generateName, rule(generateName, true)))
  }
  if (name === '') {
    const detail = 'name or generateName is required'
    errors.push({ type: 'Required value', field: `${field}.name`, detail })
  } else errors.push(...invalids(`${field}.name`, name, rule(name, false)))
  if (!namespaced && namespace !== '') {
    errors.push({ type: 'Forbidden', field: `${field}.namespace`, detail: 'not allowed on this type' })
  }
  if (namespaced && namespace === '') {
    errors.push({ type: 'Required value', field: `${field}.namespace` })
  } else if (namespaced) {
    errors.push(...invalids(`${field}.namespace`, namespace, nameIsDnsLabel(namespace, false)))
  }
  return errors
}

/** A new object's metadata, name and namespace set. Errors in the order that Kubernetes gives them. */
export function validateObjectMeta(meta: ObjectMeta, rules: MetaRules, field = 'metadata'): FieldError[] {
  return [
    ...validateNames(meta, rules, field),
    ...(meta.generation !== undefined && meta.generation < 0
      ? invalids(`${field}.generation`, meta.generation, ['must be greater than or equal to 0'])
      : []),
    ...validateCommon(meta, field),
  ]
}

function validateCommon(meta: ObjectMeta, field: string): FieldError[] {
  return [
    ...validateLabels(meta.labels, `${field}.labels`),
    ...validateAnnotations(meta.annotations, `${field}.annotations`),
    ...validateOwners(meta.ownerReferences ?? [], `${field}.ownerReferences`),
    ...validateFinalizers(meta.finalizers ?? [], `${field}.finalizers`),
  ]
}

const immutable = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

/** `resourceVersion` is not looked at: whether one is needed is the kind's choice. */
export function validateObjectMetaUpdate(
  next: ObjectMeta,
  old: ObjectMeta,
  field = 'metadata',
): FieldError[] {
  const errors: FieldError[] = []
  const added = (next.finalizers ?? []).filter((name) => !(old.finalizers ?? []).includes(name))
  if (old.deletionTimestamp !== undefined && added.length > 0) {
    const found = `[]string{${added.map(quote).join(', ')}}`
    const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`
    errors.push({ type: 'Forbidden', field: `${field}.finalizers`, detail })
  }
  if ((next.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(...invalids(`${field}.generation`, next.generation ?? 0, ['must not be decremented']))
  }
  for (const name of immutable) {
    if ((next[name] ?? '') !== (old[name] ?? '')) {
      errors.push(...invalids(`${field}.${name}`, next[name] ?? null, ['field is immutable']))
    }
  }
  return [...errors, ...validateCommon(next, field)]
}

/** What is wrong with an update's metadata, as often as Kubernetes finds it. */
export interface MetaUpdateErrors {
  /** By the checks that every kind is put through, before its own. */
  common: FieldError[]
  /** By the kind's own validation of an update. */
  own: FieldError[]
  /** By the kind's own validation of an object, where that follows. */
  again: FieldError[]
}

const noErrors: MetaUpdateErrors = { common: [], own: [], again: [] }

/**
 * The metadata of an update is looked at by every kind's checks and by the kind's own once more, so that a mistake stands in
 * the causes of the Status several times, and once in its message.
 */
export function metaUpdateErrors(next: ObjectMeta, old: ObjectMeta, rules: MetaRules): MetaUpdateErrors {
  const update = validateObjectMetaUpdate(next, old)
  if (update.length === 0) return noErrors
  const object = validateObjectMeta(next, { ...rules, nameRule: pathSegmentProblems })
  return { common: [...object, ...update], own: update, again: object }
}
