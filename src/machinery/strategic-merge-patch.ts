import type { TSchema } from 'typebox'
import { isObject, type JsonSchema, setOwn } from './decode-schema.ts'
import { type ApiError, badRequest } from './errors.ts'
import { requirePatchObject } from './merge-patch.ts'
import { deleteDirective, dropDirectives, mergeList, orderDirective } from './strategic-merge-list.ts'
import { type FieldRule, ruleOf } from './strategic-merge-rules.ts'

/**
 * Strategic merge patch (Kubernetes "Update API Objects in Place Using kubectl patch";
 * sig-api-machinery/strategic-merge-patch.md). Objects merge; lists are replaced unless their schema names the strategy
 * `merge`; null deletes. Directives: `$patch: replace | delete | merge`, `$retainKeys`, `$setElementOrder/<list>`,
 * `$deleteFromPrimitiveList/<list>`.
 *
 * BadRequest for a malformed directive, a patch that is no object, or a list element without its merge key. Neither
 * argument is changed; the result shares unchanged parts with the target.
 */
export function applyStrategicMergePatch(schema: TSchema, target: unknown, patch: unknown): unknown {
  const rule = ruleOf(schema as JsonSchema)
  return mergeObject(isObject(target) ? target : {}, requirePatchObject(patch), rule)
}

export type MergeObject = (
  target: Record<string, unknown>,
  patch: Record<string, unknown>,
  rule: FieldRule | undefined,
) => Record<string, unknown>

function badDirective(what: string): ApiError {
  return badRequest(`invalid patch format of ${what}`)
}

function mergeObject(
  target: Record<string, unknown>,
  patch: Record<string, unknown>,
  rule: FieldRule | undefined,
): Record<string, unknown> {
  const { $patch: directive, ...rest } = patch
  switch (directive) {
    case undefined:
    case 'merge':
      break
    case 'replace':
      return dropDirectives(rest) as Record<string, unknown>
    case 'delete':
      return {}
    default:
      throw badRequest(`unknown patch type ${JSON.stringify(directive)} in $patch`)
  }
  const out = retained(target, rest)
  for (const field of orderedFirst(rest)) mergeField(out, rest, field, rule)
  return out
}

/** `$retainKeys` names all fields that may stay; the patch itself must not bring others. */
function retained(target: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const keys: unknown = patch.$retainKeys
  if (keys === undefined) return { ...target }
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) throw badDirective('retainKeys')
  const strange = Object.keys(patch).some((key) => !key.startsWith('$') && !keys.includes(key))
  if (strange) throw badRequest("patch content doesn't match retainKeys list")
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)))
}

/** Names of the fields that the patch touches, each once, whether named itself or by a directive. */
function orderedFirst(patch: Record<string, unknown>): Set<string> {
  const fields = Object.keys(patch).map((key) => {
    if (key.startsWith(orderDirective)) return key.slice(orderDirective.length)
    if (key.startsWith(deleteDirective)) return key.slice(deleteDirective.length)
    return key
  })
  return new Set(fields.filter((field) => field !== '$retainKeys'))
}

function listOf(value: unknown, directive: string): unknown[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw badDirective(directive)
  return value
}

function mergeField(
  out: Record<string, unknown>,
  patch: Record<string, unknown>,
  field: string,
  rule: FieldRule | undefined,
): void {
  const fieldRule = rule?.field(field)
  const change = Object.hasOwn(patch, field) ? patch[field] : undefined
  const order = listOf(patch[`${orderDirective}${field}`], 'setElementOrder list')
  const removed = listOf(patch[`${deleteDirective}${field}`], 'primitive list')
  const old = Object.hasOwn(out, field) ? out[field] : undefined

  if (change === null) {
    delete out[field]
    return
  }
  const isMerged = fieldRule?.mergesLists === true
  if (
    isMerged &&
    (change === undefined || Array.isArray(change)) &&
    (old === undefined || Array.isArray(old))
  ) {
    if (change === undefined && old === undefined) return
    const lists = { old: (old ?? []) as unknown[], patch: change ?? [], order, removed }
    setOwn(out, field, mergeList(lists, fieldRule, mergeObject))
    return
  }
  if (change === undefined) return
  const merges = isObject(change) && isObject(old) && fieldRule?.replaces !== true
  setOwn(out, field, merges ? mergeObject(old, change, fieldRule) : dropDirectives(change))
}
