import { registryError } from './errors.ts'

/** `n` and `last` of a list (registry.md ). */
export interface PageRequest {
  /** undefined: no limit. */
  n: number | undefined
  last: string
}

/** PAGINATION_NUMBER_INVALID for what is no count, or more than the ceiling where there is one. */
export function parsePage(query: URLSearchParams, ceiling = 0): PageRequest {
  const text = query.get('n')
  const last = query.get('last') ?? ''
  if (text === null || text === '') return { n: undefined, last }
  const n = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(n) || (ceiling > 0 && n > ceiling)) {
    throw registryError('PAGINATION_NUMBER_INVALID')
  }
  return { n, last }
}

/** The `Link` to the page that follows: path-absolute, its parameters in this order (r343). */
export function nextLink(path: string, parameters: readonly (readonly [string, string])[]): string {
  const query = parameters.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')
  return `<${path}?${query}>; rel="next"`
}

/** Index of the first text in an ascending list that is greater than `last`. */
export function firstAfter(sorted: readonly string[], last: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as string) > last) high = middle
    else low = middle + 1
  }
  return low
}
