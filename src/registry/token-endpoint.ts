import { isApiError } from '../machinery/errors.ts'
import { type Gate, subjectOf } from './access-check.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import { anonymousToken, parseCredentials } from './credentials.ts'
import { parseRepository, repositoryProblem } from './repository.ts'

const json = { 'Content-Type': 'application/json' }

function tokenAnswer(token: string): Answer {
  return jsonAnswer(200, { access_token: token, token })
}

function refusal(details: string): Answer {
  return jsonAnswer(401, { details })
}

const emptyRefusal: Answer = { status: 401, headers: { ...json, 'Content-Length': '0' } }

/** The scope's name where it should be a repository of ours and is not (B-15.1). */
export function invalidScope(scopes: readonly string[]): string | undefined {
  for (const scope of scopes.flatMap((text) => text.split(' '))) {
    const first = scope.indexOf(':')
    const last = scope.lastIndexOf(':')
    const type = scope.slice(0, Math.max(first, 0))
    if ((type !== 'repository' && type !== 'signature') || first === last) continue
    const name = scope.slice(first + 1, last)
    if (parseRepository(name) === undefined) return name
  }
  return undefined
}

/** `GET /openshift/token` (B-15): nothing is minted, the presented token comes back once it has been verified. */
export async function answerToken(
  gate: Gate,
  header: string | undefined,
  query: URLSearchParams,
): Promise<Answer> {
  const wrong = invalidScope(query.getAll('scope'))
  if (wrong !== undefined) return refusal(repositoryProblem(wrong))
  if (header === undefined) return tokenAnswer(anonymousToken)
  if (!/^basic /i.test(header)) return emptyRefusal
  const credentials = parseCredentials(header)
  if (credentials.kind === 'anonymous') return tokenAnswer(anonymousToken)
  if (credentials.kind !== 'token') return emptyRefusal
  try {
    const subject = await subjectOf(gate, credentials)
    return subject === undefined ? emptyRefusal : tokenAnswer(credentials.token)
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    return refusal(`unable to validate token: ${isApiError(cause) ? cause.reason : 'ServiceUnavailable'}`)
  }
}
