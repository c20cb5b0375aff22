import type { Action, Authorize, ResourceAction, Subject } from '../access/access.ts'
import { forbiddenError } from '../access/forbidden.ts'
import type { Policy } from '../access/policy.ts'
import { whoCan } from '../access/who-can.ts'
import type { ResourceAccessReview } from '../api/openshift-authorization/resource-access-review.ts'
import type {
  ResourceAccessReviewResponse,
  SubjectAccessReviewResponse,
} from '../api/openshift-authorization/review-responses.ts'
import type { SubjectAccessReview } from '../api/openshift-authorization/subject-access-review.ts'

/**
 * The flat reviews of `authorization.openshift.io/v1` (auth.md §10). `namespace` is the path's: '' for the
 * cluster's form, where the body names one; the local form forces it.
 */

const apiVersion = 'authorization.openshift.io/v1'

function toAction(body: ResourceAccessReview, namespace: string): Action {
  if (body.isNonResourceURL) return { kind: 'path', verb: body.verb, path: body.path }
  return {
    kind: 'resource',
    verb: body.verb,
    group: body.resourceAPIGroup,
    resource: body.resource,
    subresource: '',
    namespace: namespace === '' ? body.namespace : namespace,
    name: body.resourceName,
  }
}

/** To ask about oneself needs what a SelfSubjectAccessReview needs (U-92, r004). */
function requiredAction(isSelf: boolean, namespace: string): ResourceAction {
  const self = { group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews', namespace: '' }
  const other = {
    group: 'authorization.openshift.io',
    resource: namespace === '' ? 'subjectaccessreviews' : 'localsubjectaccessreviews',
    namespace,
  }
  return { kind: 'resource', verb: 'create', subresource: '', name: '', ...(isSelf ? self : other) }
}

/** Whether the caller may ask turns on the body, so this decides it too: rejects with a 403. */
export async function reviewFlatSubjectAccess(
  body: SubjectAccessReview,
  namespace: string,
  caller: Subject,
  authorize: Authorize,
): Promise<SubjectAccessReviewResponse> {
  const groups = body.groups ?? []
  const isSelf = body.user === '' && groups.length === 0
  const required = requiredAction(isSelf, namespace)
  const permission = await authorize(caller, required)
  if (!permission.allowed) throw forbiddenError(caller, required, permission.reason)
  const subject = isSelf ? caller : { name: body.user, groups }
  const action = toAction(body, namespace)
  const { allowed, reason, evaluationError } = await authorize(subject, action)
  const shown = action.kind === 'resource' ? action.namespace : body.namespace
  return {
    kind: 'SubjectAccessReviewResponse',
    apiVersion,
    ...(shown === '' ? {} : { namespace: shown }),
    allowed,
    ...(reason === '' ? {} : { reason }),
    ...(evaluationError === undefined ? {} : { evaluationError }),
  }
}

/** `oc policy who-can`. The caller's right to ask is the path's own, decided before. */
export function reviewResourceAccess(
  body: ResourceAccessReview,
  namespace: string,
  policy: Policy,
): ResourceAccessReviewResponse {
  const action = toAction(body, namespace)
  const shown = action.kind === 'resource' ? action.namespace : ''
  return {
    kind: 'ResourceAccessReviewResponse',
    apiVersion,
    ...(shown === '' ? {} : { namespace: shown }),
    ...whoCan(action, policy),
    // The key is misspelt in the API.
    evalutionError: '',
  }
}
