import { ApiError } from '../machinery/errors.ts'
import type { ClosedAnswer } from './front-door.ts'

/** What both addresses say while nothing is behind them: each in its protocol's own form. */

export const apiClosed: ClosedAnswer = {
  contentType: 'application/json',
  body: (why) =>
    JSON.stringify(
      new ApiError(503, 'ServiceUnavailable', `the server is ${why}, please try again`, {
        details: { retryAfterSeconds: 1 },
      }).toStatus(),
    ),
}

export const registryClosed: ClosedAnswer = {
  contentType: 'application/json',
  body: (why) =>
    `${JSON.stringify({ errors: [{ code: 'UNAVAILABLE', message: 'service unavailable', detail: `the registry is ${why}` }] })}\n`,
}
