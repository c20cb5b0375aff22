import { emptyFieldSet, type FieldSet } from './field-set.ts'
import { comparePathElements, type PathElement, parsePathElement } from './path-element.ts'

/** A set as the API prints it: an object a level, `{}` for a leaf, `.` where a field with children is a member itself. */
export type FieldsV1 = { [element: string]: FieldsV1 }

/** Elements in the order of comparePathElements, so that equal sets print equally. */
export function encodeFieldsV1(set: FieldSet): FieldsV1 {
  const elements = [...new Set([...set.members, ...set.children.keys()])].sort(comparePathElements)
  const out: FieldsV1 = {}
  for (const element of elements) {
    const child = set.children.get(element)
    const below = child === undefined ? {} : encodeFieldsV1(child)
    const isLeaf = Object.keys(below).length === 0
    if (isLeaf && !set.members.has(element)) continue
    out[element] = !isLeaf && set.members.has(element) ? { '.': {}, ...below } : below
  }
  return out
}

/** Throws a TypeError for what is no `fieldsV1`. */
export function decodeFieldsV1(fields: unknown): FieldSet {
  if (!isRecord(fields)) throw new TypeError('fieldsV1 is not an object')
  const members = new Set<PathElement>()
  const children = new Map<PathElement, FieldSet>()
  for (const [text, below] of Object.entries(fields)) {
    if (text === '.') continue
    const element = parsePathElement(text)
    if (element === undefined || !isRecord(below)) throw new TypeError(`no element of a path: ${text}`)
    const keys = Object.keys(below)
    if (keys.length === 0 || '.' in below) members.add(element)
    if (keys.length > ('.' in below ? 1 : 0)) children.set(element, decodeFieldsV1(below))
  }
  return members.size === 0 && children.size === 0 ? emptyFieldSet : { members, children }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
