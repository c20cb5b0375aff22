import { ApiError, quote } from '../errors.ts'
import { type FieldSet, pathsOf } from './field-set.ts'
import { managerKey, type Owner } from './managed-fields.ts'
import { compareText, formatFieldPath } from './path-element.ts'

/** Fields of another manager that an apply would change. */
export interface Conflict {
  owner: Owner
  fields: FieldSet
}

/** As messages print a manager: `"kubectl-edit" with subresource "status" using v1`. */
function formatManager({ manager, operation, subresource, apiVersion }: Owner): string {
  const through = subresource === '' ? '' : ` with subresource ${quote(subresource)}`
  return `${quote(manager)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}

/** 409 Conflict with a cause a field, in the words of `k8s.io/apimachinery/pkg/util/managedfields`. */
export function applyConflict(conflicts: readonly Conflict[]): ApiError {
  const sorted = [...conflicts].sort((a, b) => compareText(managerKey(a.owner), managerKey(b.owner)))
  const all = sorted.map(({ owner, fields }) => ({
    manager: formatManager(owner),
    paths: pathsOf(fields).map(formatFieldPath),
  }))
  const causes = all.flatMap(({ manager, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field })),
  )
  return new ApiError(409, 'Conflict', conflictMessage(all, causes.length), { details: { causes } })
}

function conflictMessage(all: readonly { manager: string; paths: string[] }[], count: number): string {
  const [first] = all
  if (count === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.paths[0]}`
  }
  const lines = all.flatMap(({ manager, paths }) => [
    `conflicts with ${manager}:`,
    ...paths.map((path) => `- ${path}`),
  ])
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`
}
