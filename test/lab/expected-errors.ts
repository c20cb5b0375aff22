import type { StatusCause } from '../../src/machinery/errors.ts'

/** What a refusal has to say, in the words of image-api.md §2.1 and §5. */

const quoted = (value: unknown) => (typeof value === 'string' ? JSON.stringify(value) : String(value))

export function invalidValue(field: string, value: unknown, detail: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${quoted(value)}: ${detail}`, field }
}

export function required(field: string, detail?: string): StatusCause {
  return { reason: 'FieldValueRequired', message: `Required value${detail ? `: ${detail}` : ''}`, field }
}

export function forbidden(field: string, detail: string): StatusCause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${detail}`, field }
}

/** An error of tag resolution, which is wrapped (§5.10). */
export function wrapped(stream: string, problem: string): StatusCause {
  const message = `Internal error: imagestreams "${stream}" is invalid: ${problem}`
  return { reason: 'InternalError', message, field: '[]' }
}

/** `Status.message` of the causes: one bare, several in brackets, each once. */
export function invalidMessage(kind: string, name: string, causes: readonly StatusCause[]): string {
  const texts = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))]
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return `${kind}.image.openshift.io ${JSON.stringify(name)} is invalid: ${list}`
}
