/** May this subject do this? (auth.md §1, §10; Kubernetes "Authorization Overview"). */

export interface Subject {
  /** e.g. `alice`, `system:serviceaccount:demo:builder`, `system:anonymous`. */
  name: string
  uid?: string
  groups: readonly string[]
  extra?: Readonly<Record<string, readonly string[]>>
}

export const anonymous: Subject = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

export const groupAuthenticated = 'system:authenticated'
export const groupMasters = 'system:masters'

export interface ResourceAction {
  kind: 'resource'
  /** get, list, watch, create, update, patch, delete, deletecollection, bind, escalate, impersonate, … */
  verb: string
  group: string
  /** Plural, without subresource. */
  resource: string
  /** '' for none. */
  subresource: string
  /** '' for cluster scope, or all namespaces. */
  namespace: string
  /** '' where the request names none. */
  name: string
}

export interface PathAction {
  kind: 'path'
  /** Lower-case HTTP method. */
  verb: string
  path: string
}

export type Action = ResourceAction | PathAction

export interface Decision {
  allowed: boolean
  /** Why, as auth.md §10 words it; '' when nothing allows it. */
  reason: string
  evaluationError?: string
}

/** The one question that every entry of both servers asks. */
export type Authorize = (subject: Subject, action: Action) => Promise<Decision>
