import { isApiError } from '../machinery/errors.ts'
import { type Gate, subjectOf } from './access-check.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import { anonymousToken, parseBasic, parseCredentials } from './credentials.ts'
import { parseRepository, repositoryProblem } from './repository.ts'

const json = { 'Content-Type': 'application/json' }

/** A token made for a name and a password, and the seconds that it lives. */
export interface MintedToken {
  token: string
  expiresIn: number
}

/** undefined when name and password don't fit, or the password is a token that no longer counts. */
export type LogIn = (userName: string, password: string, address: string) => Promise<MintedToken | undefined>

function tokenAnswer(token: string): Answer {
  return jsonAnswer(200, { access_token: token, token })
}

function mintedAnswer({ token, expiresIn }: MintedToken): Answer {
  return jsonAnswer(200, { access_token: token, token, expires_in: expiresIn })
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

/**
 * `GET /openshift/token` (B-15): a presented token comes back once it has been verified. For a user's name and password, which
 * the real registry refuses, a token is minted.
 */
export async function answerToken(
  gate: Gate & { logIn?: LogIn },
  header: string | undefined,
  query: URLSearchParams,
  address = '',
): Promise<Answer> {
  const wrong = invalidScope(query.getAll('scope'))
  if (wrong !== undefined) return refusal(repositoryProblem(wrong))
  if (header === undefined) return tokenAnswer(anonymousToken)
  if (!/^basic /i.test(header)) return emptyRefusal
  const credentials = parseCredentials(header)
  if (credentials.kind === 'anonymous') return tokenAnswer(anonymousToken)
  if (credentials.kind !== 'token') return emptyRefusal
  try {
    if ((await subjectOf(gate, credentials.token)) !== undefined) return tokenAnswer(credentials.token)
    const { userName = '', password = '' } = parseBasic(header.slice('basic '.length).trim()) ?? {}
    const minted = await gate.logIn?.(userName, password, address)
    return minted === undefined ? emptyRefusal : mintedAnswer(minted)
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    return refusal(`unable to validate token: ${isApiError(cause) ? cause.reason : 'ServiceUnavailable'}`)
  }
}
