import type { Subject } from '../access/access.ts'
import type { SelfSubjectReview } from '../api/authentication/self-subject-review.ts'
import type { TokenReview, TokenReviewStatus } from '../api/authentication/token-review.ts'
import { badRequest } from '../machinery/errors.ts'
import { formatTime } from '../machinery/object.ts'
import { tokenAudiences } from './account-token.ts'
import type { TokenSource } from './authenticator.ts'
import { authenticateToken } from './authenticator.ts'
import { toUserInfo, withAuthenticatedGroup } from './subject.ts'

/** The reviews of `authentication.k8s.io/v1` (auth.md §10). */

/** Who am I? `oc whoami`. */
export function reviewSelfSubject(body: SelfSubjectReview, caller: Subject, now: Date): SelfSubjectReview {
  return {
    ...body,
    metadata: { ...body.metadata, creationTimestamp: formatTime(now) },
    status: { userInfo: toUserInfo(caller) },
  }
}

export interface TokenReviewDeps {
  tokens: readonly TokenSource[]
  /** Whom a token that says nothing about it is meant for. */
  audiences: readonly string[]
}

async function statusOf(
  token: string,
  asked: readonly string[],
  deps: TokenReviewDeps,
): Promise<TokenReviewStatus> {
  const wanted = asked.length === 0 ? deps.audiences : asked
  const subject = await authenticateToken(deps.tokens, token, wanted)
  const meant = tokenAudiences(token) ?? deps.audiences
  const audiences = wanted.filter((audience) => meant.includes(audience))
  if (subject === undefined || audiences.length === 0) return { error: 'invalid bearer token', user: {} }
  return {
    authenticated: true,
    user: toUserInfo(withAuthenticatedGroup(subject)),
    ...(asked.length === 0 ? {} : { audiences }),
  }
}

/** Whose token is this? A token that is no good is an answer, not an error. */
export async function reviewToken(body: TokenReview, deps: TokenReviewDeps): Promise<TokenReview> {
  const { token, audiences = [] } = body.spec
  if (token === '') throw badRequest('token is required for TokenReview in authentication')
  return { ...body, status: await statusOf(token, audiences, deps) }
}
