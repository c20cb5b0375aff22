import { badRequest, quote } from './errors.ts'

export interface FieldRequirement {
  field: string
  operator: '=' | '!='
  value: string
}

/** All of them must hold. */
export type FieldSelector = readonly FieldRequirement[]

const operators = ['!=', '==', '='] as const

/** Splits at what is not escaped by a backslash. */
function splitTerms(text: string): string[] {
  return text.match(/(?:[^\\,]|\\[\s\S]?)+/g) ?? []
}

function splitTerm(term: string): [string, '=' | '!=', string] | undefined {
  for (let i = 0; i < term.length; i++) {
    if (term[i] === '\\') {
      i++
      continue
    }
    const operator = operators.find((candidate) => term.startsWith(candidate, i))
    if (operator !== undefined) {
      return [term.slice(0, i), operator === '!=' ? '!=' : '=', term.slice(i + operator.length)]
    }
  }
  return undefined
}

/** Only `\\`, `\,` and `\=` are escapes; a bare `,` or `=` must not stand in a value. */
function unescapeValue(text: string): string {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c === '\\') {
      const next = text[++i]
      if (next === undefined) throw badRequest('invalid field selector: invalid escape sequence')
      if (!'\\,='.includes(next)) {
        throw badRequest(`invalid field selector: unable to parse escaped value ${quote(`\\${next}`)}`)
      }
      out += next
    } else if (c === ',' || c === '=') {
      throw badRequest(`invalid field selector: unescaped ${quote(c)} in value`)
    } else out += c
  }
  return out
}

/**
 * `a=b,c!=d`, as `k8s.io/apimachinery/pkg/fields`. BadRequest for bad syntax and for a field that is not in `known`,
 * with the text of image-api.md §16; without `known` every field is taken.
 */
export function parseFieldSelector(text: string, known?: readonly string[]): FieldRequirement[] {
  return splitTerms(text).map((term) => {
    const split = splitTerm(term)
    if (split === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`)
    const [field, operator, value] = split
    if (known !== undefined && !known.includes(field)) {
      throw badRequest(
        `${quote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
      )
    }
    return { field, operator, value: unescapeValue(value) }
  })
}

/** `fieldOf` gives the object's value of a field, '' when it has none. */
export function matchesFields(selector: FieldSelector, fieldOf: (field: string) => string): boolean {
  return selector.every(({ field, operator, value }) => (fieldOf(field) === value) === (operator === '='))
}

export function formatFieldSelector(selector: FieldSelector): string {
  return selector
    .map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, '\\$&')}`)
    .join(',')
}
