import type { Action, Authorize, Decision, ResourceAction, Subject } from '../access/access.ts'
import type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../api/authorization/attributes.ts'
import type { LocalSubjectAccessReview } from '../api/authorization/local-subject-access-review.ts'
import type { SelfSubjectAccessReview } from '../api/authorization/self-subject-access-review.ts'
import type { SubjectAccessReview } from '../api/authorization/subject-access-review.ts'
import type { FieldError } from '../machinery/errors.ts'
import { badRequest, invalid } from '../machinery/errors.ts'

/** The reviews of `authorization.k8s.io/v1` (auth.md §10). Who may ask is decided before; the body is decoded. */

const group = 'authorization.k8s.io'

interface Asked {
  resourceAttributes?: ResourceAttributes | null
  nonResourceAttributes?: NonResourceAttributes | null
}

function attributesErrors({ resourceAttributes, nonResourceAttributes }: Asked): FieldError[] {
  const both = resourceAttributes != null && nonResourceAttributes != null
  const none = resourceAttributes == null && nonResourceAttributes == null
  const field = 'spec.resourceAttributes'
  if (both) {
    const detail = 'cannot be specified in combination with resourceAttributes'
    return [
      { type: 'Invalid value', field: 'spec.nonResourceAttributes', value: nonResourceAttributes, detail },
    ]
  }
  if (none) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    return [{ type: 'Invalid value', field, value: null, detail }]
  }
  return []
}

function subjectErrors({ user = '', groups = [] }: SubjectAccessReviewSpec): FieldError[] {
  if (user !== '' || groups.length > 0) return []
  const detail = 'at least one of user or group must be specified'
  return [{ type: 'Invalid value', field: 'spec.user', value: user, detail }]
}

function toAction({ resourceAttributes, nonResourceAttributes }: Asked): Action {
  if (nonResourceAttributes != null) {
    const { verb = '', path = '' } = nonResourceAttributes
    return { kind: 'path', verb, path }
  }
  const asked = resourceAttributes ?? {}
  const action: ResourceAction = {
    kind: 'resource',
    verb: asked.verb ?? '',
    group: asked.group ?? '',
    resource: asked.resource ?? '',
    subresource: asked.subresource ?? '',
    namespace: asked.namespace ?? '',
    name: asked.name ?? '',
  }
  return action
}

export function toStatus({ allowed, reason, evaluationError }: Decision): SubjectAccessReviewStatus {
  return {
    allowed,
    ...(reason === '' ? {} : { reason }),
    ...(evaluationError === undefined ? {} : { evaluationError }),
  }
}

function toSubject(spec: SubjectAccessReviewSpec): Subject {
  return {
    name: spec.user ?? '',
    groups: spec.groups ?? [],
    ...(spec.uid === undefined || spec.uid === '' ? {} : { uid: spec.uid }),
    ...(spec.extra === undefined ? {} : { extra: spec.extra }),
  }
}

export async function reviewSelfSubjectAccess(
  body: SelfSubjectAccessReview,
  caller: Subject,
  authorize: Authorize,
): Promise<SelfSubjectAccessReview> {
  const errors = attributesErrors(body.spec)
  if (errors.length > 0) throw invalid({ group, kind: 'SelfSubjectAccessReview' }, '', errors)
  return { ...body, status: toStatus(await authorize(caller, toAction(body.spec))) }
}

export async function reviewSubjectAccess(
  body: SubjectAccessReview,
  authorize: Authorize,
): Promise<SubjectAccessReview> {
  const errors = [...attributesErrors(body.spec), ...subjectErrors(body.spec)]
  if (errors.length > 0) throw invalid({ group, kind: 'SubjectAccessReview' }, '', errors)
  return { ...body, status: toStatus(await authorize(toSubject(body.spec), toAction(body.spec))) }
}

/** Only about resources of the namespace in the path, which the body must repeat. */
export async function reviewLocalSubjectAccess(
  body: LocalSubjectAccessReview,
  namespace: string,
  authorize: Authorize,
): Promise<LocalSubjectAccessReview> {
  const { spec } = body
  const errors = [...attributesErrors(spec), ...subjectErrors(spec)]
  if (spec.nonResourceAttributes != null) {
    errors.push({
      type: 'Invalid value',
      field: 'spec.nonResourceAttributes',
      value: spec.nonResourceAttributes,
      detail: 'disallowed on this kind of request',
    })
  }
  if (errors.length > 0) throw invalid({ group, kind: 'LocalSubjectAccessReview' }, '', errors)
  const asked = spec.resourceAttributes?.namespace ?? ''
  if (asked !== namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`)
  }
  return { ...body, status: toStatus(await authorize(toSubject(spec), toAction(spec))) }
}
