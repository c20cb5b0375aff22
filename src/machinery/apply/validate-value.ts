import type { ListType, MapType, MergeType } from './merge-type.ts'
import { fieldElement, formatPathElement, type PathElement } from './path-element.ts'
import { deduceType, ElementError, isMapValue, listElement, toArm, type Value } from './typed-value.ts'

/** What keeps a value from being of its type, one line each: `.spec.tags[name="x"].from: field not declared in schema`. */
export function validateValue(type: MergeType, value: Value, path = ''): string[] {
  const arm = toArm(deduceType(type, value))
  if (value === null || value === undefined) return []
  switch (arm.kind) {
    case 'scalar':
      return scalarErrors(type, value, path)
    case 'list':
      return Array.isArray(value)
        ? itemErrors(arm.list, value, path)
        : [at(path, `expected list, got ${shown(value)}`)]
    case 'map':
      return isMapValue(value)
        ? fieldErrors(arm.map, value, path)
        : [at(path, `expected map, got ${shown(value)}`)]
  }
}

const at = (path: string, message: string) => (path === '' ? message : `${path}: ${message}`)

/** As Go prints a pointer to a struct of one value. */
const shown = (value: Value) => `&{${typeof value === 'object' ? JSON.stringify(value) : String(value)}}`

const goTypes: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  number: 'float64',
  object: 'map[string]interface {}',
}

const goTypeOf = (value: Value) => (Array.isArray(value) ? '[]interface {}' : (goTypes[typeof value] ?? ''))

function scalarErrors({ scalar }: MergeType, value: Value, path: string): string[] {
  const found = typeof value
  switch (scalar) {
    case 'string':
      return found === 'string'
        ? []
        : [at(path, `expected string, got &value.valueUnstructured{Value:${JSON.stringify(value)}}`)]
    case 'numeric':
      return found === 'number' ? [] : [at(path, `expected numeric (int or float), got ${goTypeOf(value)}`)]
    case 'boolean':
      return found === 'boolean' ? [] : [at(path, `expected boolean, got ${shown(value)}`)]
    default:
      return found === 'object' ? [at(path, `expected any scalar, got ${shown(value)}`)] : []
  }
}

function itemErrors(list: ListType, items: readonly Value[], path: string): string[] {
  const errors: string[] = []
  const seen = new Set<PathElement>()
  for (const [index, item] of items.entries()) {
    let element: PathElement = `i:${index}`
    if (!list.atomic) {
      try {
        element = listElement(list, item)
      } catch (error) {
        if (!(error instanceof ElementError)) throw error
        errors.push(at(path, `element ${index}: ${error.message}`))
        continue
      }
      if (seen.has(element)) {
        errors.push(at(path, `duplicate entries for key ${formatPathElement(element)}`))
      }
      seen.add(element)
    }
    errors.push(...validateValue(list.element(), item, `${path}${formatPathElement(element)}`))
  }
  return errors
}

function fieldErrors(map: MapType, value: Readonly<Record<string, Value>>, path: string): string[] {
  return Object.entries(value).flatMap(([key, below]) => {
    const type = map.field(key) ?? map.element?.()
    const where = `${path}${formatPathElement(fieldElement(key))}`
    return type === undefined ? [`${where}: field not declared in schema`] : validateValue(type, below, where)
  })
}

/** One error stands alone, several under a headline. */
export function formatValueErrors(errors: readonly string[]): string {
  return errors.length === 1 ? (errors[0] as string) : ['errors:', ...errors.map((e) => `  ${e}`)].join('\n')
}
