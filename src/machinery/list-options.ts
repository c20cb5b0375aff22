import { badRequest, type FieldError, invalid, quote } from './errors.ts'
import { parseBoolean, parseInteger, parseText, withoutUndefined } from './query-values.ts'

export type ResourceVersionMatch = 'Exact' | 'NotOlderThan'

/** `metav1.ListOptions` of a list. Absent and empty parameters have no field. */
export interface ListQuery {
  labelSelector?: string
  fieldSelector?: string
  /** Positive. */
  limit?: number
  continue?: string
  resourceVersion?: string
  resourceVersionMatch?: ResourceVersionMatch
}

/** `metav1.ListOptions` of a watch. */
export interface WatchQuery {
  labelSelector?: string
  fieldSelector?: string
  resourceVersion?: string
  resourceVersionMatch?: 'NotOlderThan'
  sendInitialEvents?: boolean
  allowWatchBookmarks?: boolean
  timeoutSeconds?: number
}

const listOptions = { group: 'meta.k8s.io', kind: 'ListOptions' }

/** Does the request ask for a watch? */
export function wantsWatch(query: URLSearchParams): boolean {
  return parseBoolean(query, 'watch') === true
}

function forbid(field: string, detail: string): FieldError {
  return { type: 'Forbidden', field, detail }
}

function unsupportedMatch(match: string, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map(quote).join(', ')}`
  return { type: 'Unsupported value', field: 'resourceVersionMatch', value: match, detail }
}

function requireValid(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(listOptions, '', errors)
}

/** Query parameters of a list (and of deletecollection). 400 for an ill-formed one, 422 for a combination that can't be. */
export function parseListOptions(query: URLSearchParams): ListQuery {
  const limit = parseInteger(query, 'limit')
  const match = query.get('resourceVersionMatch') ?? ''
  const resourceVersion = parseText(query, 'resourceVersion')
  const token = parseText(query, 'continue')
  requireValid(listErrors(match, resourceVersion, token, query.has('sendInitialEvents')))
  if (token !== undefined && resourceVersion !== undefined && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue')
  }
  return withoutUndefined({
    labelSelector: parseText(query, 'labelSelector'),
    fieldSelector: parseText(query, 'fieldSelector'),
    limit: limit !== undefined && limit > 0 ? limit : undefined,
    continue: token,
    resourceVersion,
    resourceVersionMatch: match === '' ? undefined : (match as ResourceVersionMatch),
  })
}

function listErrors(
  match: string,
  resourceVersion: string | undefined,
  token: string | undefined,
  sendsInitialEvents: boolean,
): FieldError[] {
  const errors: FieldError[] = []
  const field = 'resourceVersionMatch'
  if (match !== '') {
    if (resourceVersion === undefined) {
      errors.push(forbid(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    }
    if (token !== undefined) {
      errors.push(forbid(field, 'resourceVersionMatch is forbidden when continue is provided'))
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(unsupportedMatch(match, ['Exact', 'NotOlderThan', '']))
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbid(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    }
  }
  if (sendsInitialEvents) errors.push(forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  return errors
}

/** Query parameters of a watch. */
export function parseWatchOptions(query: URLSearchParams): WatchQuery {
  const timeoutSeconds = parseInteger(query, 'timeoutSeconds')
  const match = query.get('resourceVersionMatch') ?? ''
  const sendInitialEvents = parseBoolean(query, 'sendInitialEvents')
  requireValid(watchErrors(match, sendInitialEvents, parseText(query, 'continue')))
  return withoutUndefined({
    labelSelector: parseText(query, 'labelSelector'),
    fieldSelector: parseText(query, 'fieldSelector'),
    resourceVersion: parseText(query, 'resourceVersion'),
    resourceVersionMatch: match === '' ? undefined : (match as 'NotOlderThan'),
    sendInitialEvents,
    allowWatchBookmarks: parseBoolean(query, 'allowWatchBookmarks'),
    timeoutSeconds: timeoutSeconds !== undefined && timeoutSeconds > 0 ? timeoutSeconds : undefined,
  })
}

function watchErrors(
  match: string,
  sendInitialEvents: boolean | undefined,
  token: string | undefined,
): FieldError[] {
  const errors: FieldError[] = []
  const field = 'resourceVersionMatch'
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbid(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  }
  if (match === '') return errors
  if (sendInitialEvents === undefined) {
    errors.push(
      forbid(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
    )
  }
  if (match !== 'NotOlderThan') errors.push(unsupportedMatch(match, ['NotOlderThan']))
  if (token !== undefined) {
    errors.push(forbid(field, 'resourceVersionMatch is forbidden when continue is provided'))
  }
  return errors
}
