import { TransportError } from '../client/index.ts'
import { type ApiError, isApiError } from '../machinery/errors.ts'
import { BareError, ExitError, FlagError, ManyErrors, messageOf, UsageError } from './errors.ts'
import { visible } from './io.ts'

/** The lines that a failure becomes (cli.md §0.2). */

function invalidLines(error: ApiError): string {
  const { details } = error
  if (details === undefined)
    return `The request is invalid${error.message === '' ? '' : `: ${error.message}`}`
  const named = details.kind !== undefined || details.name !== undefined
  const subject = named
    ? `The ${details.kind ?? ''} ${JSON.stringify(details.name ?? '')} is invalid`
    : 'The request is invalid'
  const causes = details.causes ?? []
  if (causes.length === 0) return named || error.message === '' ? subject : `${subject}: ${error.message}`
  const texts = [...new Set(causes.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`))]
  return texts.length === 1
    ? `${subject}: ${texts[0]}`
    : `${subject}: \n${texts.map((text) => `* ${text}`).join('\n')}`
}

export function apiErrorLine(error: ApiError): string {
  if (error.reason === 'Invalid') return invalidLines(error)
  if (error.reason === 'Unauthorized') return `error: You must be logged in to the server (${error.message})`
  if (error.reason === '') return `Error from server: ${error.message}`
  return `Error from server (${error.reason}): ${error.message}`
}

function transportLine(error: TransportError, server: string): string {
  if (error.kind === 'refused') {
    const host = server.replace(/^[a-z]+:\/\//, '').replace(/\/.*/, '')
    return `The connection to the server ${host} was refused - did you specify the right host or port?`
  }
  return `Unable to connect to the server: ${error.message}`
}

export interface ReportContext {
  /** URL, for connection errors. */
  server: string
  /** e.g. `oc tag`. */
  path: string
}

/** One failure as text; `inList` leaves out the `error: ` of plain ones. */
function describe(error: unknown, context: ReportContext, inList: boolean): string {
  if (isApiError(error)) return apiErrorLine(error)
  if (error instanceof TransportError) return transportLine(error, context.server)
  if (error instanceof BareError) return error.message
  const message = messageOf(error)
  return inList || message.startsWith('error: ') ? message : `error: ${message}`
}

/** Text for stderr and the exit code. */
export function reportError(error: unknown, context: ReportContext): { text: string; code: number } {
  if (error instanceof ExitError) return { text: '', code: error.code }
  if (error instanceof ManyErrors) {
    const lines = error.errors.map((one) => ended(describe(one, context, true)))
    return { text: visible(lines.join('')), code: 1 }
  }
  const line = ended(describe(error, context, false))
  if (error instanceof UsageError)
    return { text: visible(`${line}See '${context.path} -h' for help and examples\n`), code: 1 }
  if (error instanceof FlagError)
    return { text: visible(`${line}See '${context.path} --help' for usage.\n`), code: 1 }
  return { text: visible(line), code: 1 }
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
