/**
 * One step of the path to a field, in the form that `fieldsV1` gives it (structured-merge-diff, "fieldpath"):
 * `f:name` a field of a struct or a key of a map, `k:{"name":"x"}` an element of a list by its keys, `v:"a"` an
 * element of a set by its value, `i:0` an element by its place. One element has one spelling, so that elements are
 * compared as text.
 */
export type PathElement = string

/** Where a field is, from the root of the object. */
export type FieldPath = readonly PathElement[]

export function fieldElement(name: string): PathElement {
  return `f:${name}`
}

/** Keys are written in the order of their names. */
export function keyElement(keys: Readonly<Record<string, unknown>>): PathElement {
  const names = Object.keys(keys)
  const sorted = names.length === 1 ? names : names.sort(compareText)
  return `k:{${sorted.map((name) => `${JSON.stringify(name)}:${JSON.stringify(keys[name])}`).join(',')}}`
}

export function valueElement(value: unknown): PathElement {
  return `v:${JSON.stringify(value)}`
}

/** The one spelling of an element that came from outside; undefined when it is none. */
export function parsePathElement(text: string): PathElement | undefined {
  const body = text.slice(2)
  try {
    switch (text.slice(0, 2)) {
      case 'f:':
        return text
      case 'i:':
        return /^(0|[1-9]\d*)$/.test(body) ? text : undefined
      case 'v:':
        return valueElement(JSON.parse(body))
      case 'k:': {
        const keys: unknown = JSON.parse(body)
        if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) return undefined
        return keyElement(keys as Record<string, unknown>)
      }
      default:
        return undefined
    }
  } catch {
    return undefined
  }
}

/** Name of a field, undefined for the elements of lists. */
export function fieldNameOf(element: PathElement): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined
}

const kindOrder = 'fkvi'

/** Fields, then keys, then values, then places; each by its text. */
export function comparePathElements(a: PathElement, b: PathElement): number {
  const kinds = kindOrder.indexOf(a[0] as string) - kindOrder.indexOf(b[0] as string)
  return kinds !== 0 ? kinds : compareText(a, b)
}

/** As messages print it: `.spec`, `[name="x"]`, `[="a"]`, `[0]`. */
export function formatPathElement(element: PathElement): string {
  const body = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${body}`
    case 'k': {
      const keys = Object.entries(JSON.parse(body) as Record<string, unknown>)
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
    }
    case 'v':
      return `[=${body}]`
    default:
      return `[${body}]`
  }
}

export function formatFieldPath(path: FieldPath): string {
  return path.map(formatPathElement).join('')
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
