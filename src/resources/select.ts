import {
  type FieldRequirement,
  type LabelSelector,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'

/** What a list or a watch asks for, of one kind. */
export interface Selection {
  /** No selector: everything matches. */
  everything: boolean
  /** The one name that can match, where a field selector pins it. */
  name: string | undefined
  matches(object: KubeObject): boolean
}

/** The value of a field that the kind can be selected by. */
export function selectableFields(kind: Kind): Record<string, (object: KubeObject) => string> {
  return {
    'metadata.name': (object) => object.metadata.name ?? '',
    ...(kind.namespaced
      ? { 'metadata.namespace': (object: KubeObject) => object.metadata.namespace ?? '' }
      : {}),
    ...kind.fieldSelectors,
  }
}

/** Rejects a malformed selector, or a field that the kind can't be selected by, with 400 BadRequest. */
export function selectionOf(
  kind: Kind,
  selectors: { labelSelector?: string; fieldSelector?: string },
): Selection {
  const labels: LabelSelector = parseLabelSelector(selectors.labelSelector ?? '')
  const fields = selectableFields(kind)
  const requirements: FieldRequirement[] = parseFieldSelector(
    selectors.fieldSelector ?? '',
    Object.keys(fields),
  )
  const pinned = requirements.find((r) => r.field === 'metadata.name' && r.operator === '=')
  return {
    everything: labels.length === 0 && requirements.length === 0,
    name: pinned?.value,
    matches: (object) =>
      matchesLabels(labels, object.metadata.labels ?? {}) &&
      requirements.every((r) => (fields[r.field]?.(object) === r.value) === (r.operator === '=')),
  }
}
