import { badRequest, quote } from './errors.ts'

/** Query parameters as `k8s.io/apimachinery` converts them. */

/** Absent, `false` and `0` are false; anything else is true, '' too. undefined when absent. */
export function parseBoolean(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  return text === null ? undefined : text.toLowerCase() !== 'false' && text !== '0'
}

/** BadRequest with Go's words for what is no integer. */
export function parseInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`)
  const value = Number(text)
  if (Math.abs(value) > 2 ** 63) {
    throw badRequest(`strconv.ParseInt: parsing ${quote(text)}: value out of range`)
  }
  return value
}

/** '' counts as absent. */
export function parseText(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name)
  return text === null || text === '' ? undefined : text
}

/** The fields that have a value: an option that is absent has no key. */
export function withoutUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
