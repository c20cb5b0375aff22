import { createHash } from 'node:crypto'
import type { Rest } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import { typedAccept } from './image-api.ts'

/** Who the server says that one is (cli.md §14.3, §20.5). */

interface Review {
  status?: { userInfo?: { username?: string } }
}

async function review(rest: Rest): Promise<string | undefined> {
  try {
    const answer = await rest.json<Review>({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: {
        kind: 'SelfSubjectReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: {},
        status: { userInfo: {} },
      },
    })
    return answer.status?.userInfo?.username || undefined
  } catch (error) {
    // Older servers have no such review; what is really wrong shows with the next request.
    if (isApiError(error)) return undefined
    throw error
  }
}

/** Rejects with the error of the second way when neither works. */
export async function whoAmI(rest: Rest): Promise<string> {
  const name = await review(rest)
  if (name !== undefined) return name
  const user = await rest.json<{ metadata?: { name?: string } }>({
    method: 'GET',
    path: '/apis/user.openshift.io/v1/users/~',
    accept: typedAccept,
  })
  return user.metadata?.name ?? ''
}

/** As {@link whoAmI}; where the server has no users a name is made of the token. */
export async function whoAmIOrToken(rest: Rest, token: string | undefined): Promise<string> {
  try {
    return await whoAmI(rest)
  } catch (error) {
    if (!isApiError(error) || (error.code !== 404 && error.code !== 403) || token === undefined) throw error
    return `token-${createHash('sha256').update(token).digest().subarray(0, 9).toString('base64url')}`
  }
}
