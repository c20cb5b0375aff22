import type { Authorize } from '../access/access.ts'
import type { Policy } from '../access/index.ts'
import type { SubjectRulesReview } from '../api/openshift-authorization/subject-rules-review.ts'
import {
  reviewFlatRules,
  reviewFlatSubjectAccess,
  reviewLocalSubjectAccess,
  reviewResourceAccess,
  reviewSelfSubject,
  reviewSelfSubjectAccess,
  reviewSelfSubjectRules,
  reviewSubjectAccess,
  reviewToken,
  type TokenReviewDeps,
} from '../identity/index.ts'
import type { Status } from '../machinery/errors.ts'
import { apiVersionOf, type Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { CreateRequest, Endpoint } from '../resources/endpoint.ts'

export interface ReviewDeps {
  kinds: readonly Kind[]
  authorize: Authorize
  policy(): Policy
  tokens: TokenReviewDeps
  clock: () => Date
}

type Answer = (request: CreateRequest) => KubeObject | object | Promise<KubeObject | object>

/** Questions about rights and tokens: kinds that can only be created, and are never kept (auth.md §10). */
export function createReviewEndpoints(deps: ReviewDeps): Endpoint[] {
  const { authorize, policy, tokens, clock } = deps
  const kube = 'authorization.k8s.io'
  const flat = 'authorization.openshift.io'
  const table: [group: string, plural: string, answer: Answer][] = [
    ['authentication.k8s.io', 'selfsubjectreviews', (r) => reviewSelfSubject(body(r), r.caller, clock())],
    ['authentication.k8s.io', 'tokenreviews', (r) => reviewToken(body(r), tokens)],
    [kube, 'selfsubjectaccessreviews', (r) => reviewSelfSubjectAccess(body(r), r.caller, authorize)],
    [kube, 'subjectaccessreviews', (r) => reviewSubjectAccess(body(r), authorize)],
    [kube, 'localsubjectaccessreviews', (r) => reviewLocalSubjectAccess(body(r), r.namespace, authorize)],
    [kube, 'selfsubjectrulesreviews', (r) => reviewSelfSubjectRules(body(r), r.caller, policy())],
    [flat, 'subjectaccessreviews', (r) => reviewFlatSubjectAccess(body(r), '', r.caller, authorize)],
    [
      flat,
      'localsubjectaccessreviews',
      (r) => reviewFlatSubjectAccess(body(r), r.namespace, r.caller, authorize),
    ],
    [flat, 'resourceaccessreviews', (r) => reviewResourceAccess(body(r), '', policy())],
    [flat, 'localresourceaccessreviews', (r) => reviewResourceAccess(body(r), r.namespace, policy())],
    [
      flat,
      'selfsubjectrulesreviews',
      (r) => reviewFlatRules(body<SubjectRulesReview>(r), r.caller, r.namespace, policy()),
    ],
    [
      flat,
      'subjectrulesreviews',
      (r) => {
        const { user, groups } = body<SubjectRulesReview>(r).spec
        return reviewFlatRules(
          body<SubjectRulesReview>(r),
          { name: user, groups: groups ?? [] },
          r.namespace,
          policy(),
        )
      },
    ],
  ]
  return table.flatMap(([group, plural, answer]) => {
    const kind = deps.kinds.find((each) => each.group === group && each.plural === plural)
    return kind === undefined ? [] : [toEndpoint(kind, answer)]
  })
}

/** The body as what it was decoded as by the schema of its kind. */
function body<T>({ object }: CreateRequest): T {
  return object as unknown as T
}

function toEndpoint(kind: Kind, answer: Answer): Endpoint {
  return {
    kind,
    async create(request) {
      const answered = (await answer(request)) as KubeObject | Status
      return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...answered } as KubeObject
    },
  }
}
