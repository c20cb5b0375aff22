import { ApiError, type Status, type StatusReason } from '../machinery/errors.ts'

/** What a client makes of an answer that is no success (cli.md §0.2, §20.2). */

interface Answer {
  status: number
  headers: Readonly<Record<string, string>>
  text: string
}

const generic: Record<number, [StatusReason, string]> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  409: ['Conflict', 'the server reported a conflict'],
  410: ['Gone', 'the requested resource is gone'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
}
const told: Record<number, StatusReason> = {
  403: 'Forbidden',
  406: 'NotAcceptable',
  415: 'UnsupportedMediaType',
}

function parseStatus(text: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status'
      ? (value as Status)
      : undefined
  } catch {
    return undefined
  }
}

/** `(get imagestreams x)`: what was asked, for answers that say nothing of their own. */
function subject(method: string, path: string): string {
  const match =
    /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+(?=\/))?\/([^/]+)(?:\/([^/]+))?/.exec(path)
  if (match === null) return ''
  const name = match[2] === undefined ? '' : ` ${match[2]}`
  return ` (${method.toLowerCase()} ${match[1]}${name})`
}

export function toApiError(request: { method: string; path: string }, answer: Answer): ApiError {
  const status = parseStatus(answer.text)
  if (status !== undefined && status.status !== 'Success') {
    return new ApiError(
      status.code ?? answer.status,
      (status.reason ?? '') as StatusReason,
      status.message ?? '',
      status.details === undefined ? {} : { details: status.details },
    )
  }
  const about = subject(request.method, request.path)
  const body = answer.text.trim() || 'unknown'
  const toldReason = told[answer.status]
  if (toldReason !== undefined) return new ApiError(answer.status, toldReason, body + about)
  const known = generic[answer.status]
  if (known !== undefined) {
    const reason = answer.status === 409 && request.method === 'POST' ? 'AlreadyExists' : known[0]
    return new ApiError(answer.status, reason, known[1] + about)
  }
  if (answer.status >= 500) {
    const message = `an error on the server (${JSON.stringify(body)}) has prevented the request from succeeding${about}`
    return new ApiError(answer.status, 'InternalError', message)
  }
  return new ApiError(
    answer.status,
    '',
    `the server responded with the status code ${answer.status} but did not return more information${about}`,
  )
}
