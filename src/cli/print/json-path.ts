import { formatCompactJson } from './format-json.ts'
import {
  JsonPathError,
  type Operand,
  type Operator,
  type Part,
  parseJsonPath,
  parseSteps,
  type Step,
} from './json-path-parse.ts'

export interface JsonPathOptions {
  /** A missing field yields nothing rather than an error. */
  allowMissing: boolean
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  return isMap(value)
    ? Object.keys(value)
        .sort()
        .map((key) => value[key])
    : []
}

function slice(list: unknown[], step: Extract<Step, { kind: 'index' }>): unknown[] {
  const length = list.length
  if (step.single) {
    const at = step.start ?? 0
    const place = at < 0 ? at + length : at
    if (place < 0 || place >= length) {
      throw new JsonPathError(`array index out of bounds: index ${at}, length ${length}`)
    }
    return [list[place]]
  }
  const place = (n: number) => Math.max(0, Math.min(length, n < 0 ? n + length : n))
  const by = step.step ?? 1
  if (by <= 0) throw new JsonPathError('step must be > 0')
  const out: unknown[] = []
  for (let i = place(step.start ?? 0); i < place(step.end ?? length); i += by) out.push(list[i])
  return out
}

function everything(value: unknown): unknown[] {
  return children(value).flatMap((child) => [child, ...everything(child)])
}

function operand(operand: Operand, value: unknown, options: JsonPathOptions): unknown[] {
  if (operand.kind === 'literal') return [operand.value]
  return walk([value], operand.steps, { ...options, allowMissing: true })
}

function compares(operator: Operator, left: unknown, right: unknown): boolean {
  if (operator === '==') return left === right
  if (operator === '!=') return left !== right
  if (
    (typeof left !== 'number' || typeof right !== 'number') &&
    (typeof left !== 'string' || typeof right !== 'string')
  ) {
    return false
  }
  if (operator === '<') return left < right
  if (operator === '<=') return left <= right
  return operator === '>' ? left > right : left >= right
}

function matches(step: Extract<Step, { kind: 'filter' }>, value: unknown, options: JsonPathOptions): boolean {
  const left = operand(step.left, value, options)
  if (step.operator === 'exists') return left.length > 0
  if (left.length === 0) return false
  if (left.length > 1) throw new JsonPathError('can only compare one element at a time')
  const right = operand(step.right, value, options)
  return right.length === 1 && compares(step.operator, left[0], right[0])
}

function take(value: unknown, step: Step, options: JsonPathOptions): unknown[] {
  switch (step.kind) {
    case 'field':
      if (isMap(value) && Object.hasOwn(value, step.name)) return [value[step.name]]
      if (options.allowMissing || (!isMap(value) && value !== undefined)) return []
      throw new JsonPathError(`${step.name} is not found`)
    case 'wildcard':
      return children(value)
    case 'recursive':
      return [value, ...everything(value)]
    case 'index':
      if (!Array.isArray(value)) {
        if (options.allowMissing || value === null || value === undefined) return []
        throw new JsonPathError('is not array or slice')
      }
      return slice(value, step)
    case 'union':
      return step.paths.flatMap((path) => walk([value], path, options))
    case 'filter':
      return children(value).filter((child) => matches(step, child, options))
  }
}

function walk(values: unknown[], steps: readonly Step[], options: JsonPathOptions): unknown[] {
  let current = values
  let loose = options
  for (const step of steps) {
    current = current.flatMap((value) => take(value, step, loose))
    // Below `..` most values lack the field; that is no mistake.
    if (step.kind === 'recursive') loose = { allowMissing: true }
  }
  return current
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? formatCompactJson(value) : String(value)
}

function run(parts: readonly Part[], value: unknown, options: JsonPathOptions): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text
      const found = walk([value], part.steps, options)
      if (part.kind === 'path') return found.map(toText).join(' ')
      return found.map((item) => run(part.parts, item, options)).join('')
    })
    .join('')
}

/** A function from a value to the template's text. */
export function compileJsonPath(template: string, options: JsonPathOptions): (value: unknown) => string {
  const parts = parseJsonPath(template)
  return (value) => run(parts, value, options)
}

/** All that a template's paths find, in order, for `jsonpath-as-json`. */
export function findJsonPath(template: string, value: unknown, options: JsonPathOptions): unknown[] {
  const found = (parts: readonly Part[], from: unknown): unknown[] =>
    parts.flatMap((part) => {
      if (part.kind === 'text') return []
      const values = walk([from], part.steps, options)
      return part.kind === 'path' ? values : values.flatMap((item) => found(part.parts, item))
    })
  return found(parseJsonPath(template), value)
}

/** The loose spelling of custom columns and --sort-by: braces and the first dot may be missing. */
export function parseRelaxedPath(text: string): Step[] {
  const match = /^\{?\.?([^{}]*)\}?$/s.exec(text.trim())
  if (match === null || ((match[1] as string) === '' && text.trim() === '')) {
    throw new JsonPathError(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    )
  }
  const inner = match[1] as string
  return parseSteps(inner.startsWith('[') || inner.startsWith('.') ? inner : `.${inner}`)
}

/** What a path finds; missing fields yield nothing. */
export function findPath(value: unknown, steps: readonly Step[]): unknown[] {
  return walk([value], steps, { allowMissing: true })
}
