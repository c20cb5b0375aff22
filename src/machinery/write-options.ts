import { DecodeError, decode } from './decode.ts'
import { type ApiError, badRequest, type FieldError, invalid, quote } from './errors.ts'
import { deleteOptionsSchema } from './meta-schema.ts'
import { byteLength } from './names.ts'
import { parseBoolean, parseInteger, parseText, withoutUndefined } from './query-values.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** Query parameters of a create, update or patch. */
export interface WriteQuery {
  dryRun: boolean
  fieldValidation: FieldValidation
  fieldManager?: string
  /** Of a server-side apply. */
  force?: boolean
}

/** `metav1.DeleteOptions`. */
export interface DeleteQuery {
  dryRun: boolean
  preconditions?: { uid?: string; resourceVersion?: string }
  propagationPolicy?: string
  orphanDependents?: boolean
  gracePeriodSeconds?: number
}

export type WriteVerb = 'create' | 'update' | 'patch' | 'apply'

const optionsKinds: Readonly<Record<WriteVerb, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  apply: 'PatchOptions',
}

const maxManagerBytes = 128

function invalidOptions(kind: string, errors: readonly FieldError[]): ApiError {
  return invalid({ group: 'meta.k8s.io', kind }, '', errors)
}

function unsupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map(quote).join(', ')}`
  return { type: 'Unsupported value', field, value, detail }
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [unsupported('dryRun', values, ['All'])]
}

/** 422 with the name of the options' kind for a value that Kubernetes refuses. */
export function parseWriteOptions(query: URLSearchParams, verb: WriteVerb): WriteQuery {
  const dryRun = query.getAll('dryRun')
  const fieldValidation = query.get('fieldValidation') ?? ''
  const fieldManager = parseText(query, 'fieldManager')
  const force = parseBoolean(query, 'force')
  const errors = [
    ...(verb === 'apply' && fieldManager === undefined
      ? [{ type: 'Required value', field: 'fieldManager', detail: 'is required for apply patch' } as const]
      : []),
    ...(verb === 'patch' && force !== undefined
      ? [{ type: 'Forbidden', field: 'force', detail: 'may not be specified for non-apply patch' } as const]
      : []),
    ...managerErrors(fieldManager ?? ''),
    ...dryRunErrors(dryRun),
    ...(['', 'Ignore', 'Warn', 'Strict'].includes(fieldValidation)
      ? []
      : [unsupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn'])]),
  ]
  if (errors.length > 0) throw invalidOptions(optionsKinds[verb], errors)
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as FieldValidation),
    ...withoutUndefined({ fieldManager, force }),
  }
}

function managerErrors(manager: string): FieldError[] {
  const field = 'fieldManager'
  if (byteLength(manager) > maxManagerBytes) {
    return [{ type: 'Too long', field, value: '', detail: `may not be more than ${maxManagerBytes} bytes` }]
  }
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(manager)
    ? [{ type: 'Invalid value', field, value: manager, detail: 'should only contain printable characters' }]
    : []
}

const policies = ['Foreground', 'Background', 'Orphan']

/**
 * Options of a DELETE from its body, which may be of any group version or none (image-api.md §2.3), else from the query.
 * `body` is parsed JSON, undefined when the request has none.
 */
export function parseDeleteOptions(query: URLSearchParams, body: unknown): DeleteQuery {
  const sent = body === undefined || body === null ? optionsOf(query) : decodeOptions(body)
  const { propagationPolicy, orphanDependents, dryRun = [] } = sent
  const errors: FieldError[] = []
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    errors.push({
      type: 'Invalid value',
      field: 'propagationPolicy',
      value: propagationPolicy,
      detail: 'orphanDependents and deletionPropagation cannot be both set',
    })
  }
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy)) {
    errors.push(unsupported('propagationPolicy', propagationPolicy, [...policies, 'nil']))
  }
  errors.push(...dryRunErrors(dryRun))
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors)
  return {
    dryRun: dryRun.length > 0,
    ...withoutUndefined({
      preconditions: sent.preconditions,
      propagationPolicy,
      orphanDependents,
      gracePeriodSeconds: sent.gracePeriodSeconds,
    }),
  }
}

type SentOptions = Partial<Omit<DeleteQuery, 'dryRun'>> & { dryRun?: string[] }

function optionsOf(query: URLSearchParams): SentOptions {
  return {
    dryRun: query.getAll('dryRun'),
    ...withoutUndefined({
      propagationPolicy: parseText(query, 'propagationPolicy'),
      orphanDependents: parseBoolean(query, 'orphanDependents'),
      gracePeriodSeconds: parseInteger(query, 'gracePeriodSeconds'),
    }),
  }
}

function decodeOptions(body: unknown): SentOptions {
  const { kind, apiVersion } = body as { kind?: unknown; apiVersion?: unknown }
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions') {
    throw badRequest(
      `${String(kind)} in version ${quote(String(apiVersion ?? ''))} cannot be handled as a DeleteOptions`,
    )
  }
  try {
    return decode<SentOptions>(deleteOptionsSchema, body).value
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw badRequest(`DeleteOptions in version "v1" cannot be handled as a DeleteOptions: ${error.message}`)
  }
}
