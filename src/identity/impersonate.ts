import type { Action, Authorize, ResourceAction, Subject } from '../access/access.ts'
import { anonymous, groupAuthenticated, groupMasters } from '../access/access.ts'
import { forbiddenError } from '../access/forbidden.ts'
import { badRequest } from '../machinery/errors.ts'
import { serviceAccountGroups } from './account-token-source.ts'
import type { RequestHeaders } from './authenticator.ts'

/** Acting as somebody else: `oc --as` (auth.md U-93; Kubernetes "User impersonation"). */

export interface ImpersonationRequest {
  userName: string
  uid: string
  groups: string[]
  extra: Record<string, string[]>
}

const listOf = (value: RequestHeaders[string]): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

const extraPrefix = 'impersonate-extra-'

function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * What the `Impersonate-*` headers ask for; undefined without any. Names of headers are in lower case, each
 * occurrence of a header is one value. Throws a 400 for groups, uid or extra without a user.
 */
export function parseImpersonation(headers: RequestHeaders): ImpersonationRequest | undefined {
  const users = listOf(headers['impersonate-user'])
  const uids = listOf(headers['impersonate-uid'])
  const groups = [...listOf(headers['impersonate-group'])]
  const extra: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(extraPrefix) || value === undefined) continue
    extra[decodeKey(name.slice(extraPrefix.length))] = [...listOf(value)]
  }
  const [userName = ''] = users
  const [uid = ''] = uids
  const asksMore = uid !== '' || groups.length > 0 || Object.keys(extra).length > 0
  if (users.length > 1 || uids.length > 1) throw badRequest('only one user may be impersonated')
  if (userName === '' && asksMore)
    throw badRequest('requested groups, uid or extra without impersonating a user')
  return userName === '' ? undefined : { userName, uid, groups, extra }
}

function parseAccount(userName: string): { namespace: string; name: string } | undefined {
  const [, namespace = '', name = ''] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(userName) ?? []
  return name === '' ? undefined : { namespace, name }
}

const authenticationGroup = 'authentication.k8s.io'

function resourceAction(
  verb: string,
  parts: Partial<ResourceAction> & { group: string; resource: string; name: string },
): ResourceAction {
  return { kind: 'resource', verb, subresource: '', namespace: '', ...parts }
}

const nodePrefix = 'system:node:'

/** What a constrained right speaks of: nodes and service accounts have rights of their own. */
function modeOf(userName: string): 'arbitrary-node' | 'serviceaccount' | 'user-info' {
  if (userName.startsWith(nodePrefix)) return 'arbitrary-node'
  return parseAccount(userName) === undefined ? 'user-info' : 'serviceaccount'
}

/** The rights to ask for. `coreGroup` is '' for the verb `impersonate`; the constrained ones are all in one group. */
function identityActions(request: ImpersonationRequest, verb: string, coreGroup: string): ResourceAction[] {
  const { userName } = request
  const account = parseAccount(userName)
  const isNode = coreGroup !== '' && modeOf(userName) === 'arbitrary-node'
  const user = isNode
    ? { resource: 'nodes', name: userName.slice(nodePrefix.length) }
    : { resource: 'users', name: userName }
  const who =
    account === undefined
      ? resourceAction(verb, { group: coreGroup, ...user })
      : resourceAction(verb, { group: coreGroup, resource: 'serviceaccounts', ...account })
  return [
    who,
    ...request.groups.map((name) => resourceAction(verb, { group: coreGroup, resource: 'groups', name })),
    ...Object.entries(request.extra).flatMap(([key, values]) =>
      values.map((name) =>
        resourceAction(verb, {
          group: authenticationGroup,
          resource: 'userextras',
          subresource: key,
          name,
        }),
      ),
    ),
    ...(request.uid === ''
      ? []
      : [resourceAction(verb, { group: authenticationGroup, resource: 'uids', name: request.uid })]),
  ]
}

function toSubject({ userName, uid, groups, extra }: ImpersonationRequest): Subject {
  const account = parseAccount(userName)
  const isAnonymous = userName === anonymous.name
  const given =
    groups.length > 0 ? groups : account === undefined ? [] : serviceAccountGroups(account.namespace)
  const last = isAnonymous ? anonymous.groups : [groupAuthenticated]
  return {
    name: userName,
    ...(uid === '' ? {} : { uid }),
    groups: [...new Set([...given, ...last])],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

/**
 * The subject that the request acts as: the caller when it asks for nobody else. Two ways lead to somebody else:
 * the right to `impersonate` every part of the identity, or the constrained rights `impersonate:user-info` to the
 * identity and `impersonate-on:user-info:<verb>` to what the request does (`serviceaccount` in place of `user-info`
 * for those), by which nobody becomes `system:masters`. Throws the 403 that tells the first right that is missing.
 */
export async function impersonate(
  caller: Subject,
  headers: RequestHeaders,
  action: Action,
  authorize: Authorize,
): Promise<Subject> {
  const request = parseImpersonation(headers)
  if (request === undefined) return caller
  const missing = async (actions: readonly Action[]): Promise<Action | undefined> => {
    for (const one of actions) if (!(await authorize(caller, one)).allowed) return one
    return undefined
  }
  if ((await missing(identityActions(request, 'impersonate', ''))) === undefined) return toSubject(request)
  const mode = modeOf(request.userName)
  const on: Action = { ...action, verb: `impersonate-on:${mode}:${action.verb}` }
  const identity = identityActions(request, `impersonate:${mode}`, authenticationGroup)
  const masters = request.groups.includes(groupMasters)
    ? resourceAction('impersonate', { group: '', resource: 'groups', name: groupMasters })
    : undefined
  const refused = (await missing([on, ...identity])) ?? masters
  if (refused !== undefined) throw forbiddenError(caller, refused)
  return toSubject(request)
}
