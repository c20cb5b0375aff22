import type { FieldError } from '../../machinery/errors.ts'
import { invalidValue } from './field-errors.ts'

const keyForm = /^[-._a-zA-Z0-9]+$/
const maxKeyLength = 253
const maxDataBytes = 1024 * 1024

/** Names of entries of ConfigMaps and Secrets: they become file names. */
export function dataKeyErrors(keys: readonly string[], field: string): FieldError[] {
  return keys.flatMap((key) =>
    keyProblems(key).map((problem) => invalidValue(`${field}[${key}]`, key, problem)),
  )
}

function keyProblems(key: string): string[] {
  if (key.length > maxKeyLength) return [`must be no more than ${maxKeyLength} bytes`]
  if (!keyForm.test(key)) {
    return [
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ]
  }
  if (key === '.') return ["must not be '.'"]
  if (key === '..') return ["must not be '..'"]
  return key.startsWith('..') ? ["must not start with '..'"] : []
}

/** All values together may have 1 MiB. */
export function dataSizeErrors(sizes: readonly number[], field: string): FieldError[] {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  return total <= maxDataBytes
    ? []
    : [{ type: 'Too long', field, detail: `may not be more than ${maxDataBytes} bytes` }]
}
