import {
  type FieldRequirement,
  type LabelRequirement,
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
  /**
   * False only where the object of these stored bytes can't match: they are searched for the labels asked for, which takes a
   * fraction of the time of decoding them. Where one object in thousands matches, nearly all are told apart by this.
   */
  mayMatch(stored: Uint8Array): boolean
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
    mayMatch: bytesFilter(labels),
    matches: (object) =>
      matchesLabels(labels, object.metadata.labels ?? {}) &&
      requirements.every((r) => (fields[r.field]?.(object) === r.value) === (r.operator === '=')),
  }
}

/** What the stored bytes have to contain for each requirement that asks for a label to be there; any one of them will do. */
function bytesFilter(labels: LabelSelector): Selection['mayMatch'] {
  const needed = labels.flatMap((requirement) => {
    const texts = textsOf(requirement)
    return texts === undefined ? [] : [texts.map((text) => Buffer.from(text))]
  })
  if (needed.length === 0) return () => true
  return (stored) => {
    const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength)
    return needed.every((texts) => texts.some((text) => bytes.includes(text)))
  }
}

/** Objects are stored without spaces, so that a label stands there as `JSON.stringify` writes it. */
function textsOf({ key, operator, values }: LabelRequirement): string[] | undefined {
  const name = `${JSON.stringify(key)}:`
  if (operator === '=' || operator === '==' || operator === 'in')
    return values.map((value) => `${name}${JSON.stringify(value)}`)
  return operator === 'exists' ? [`${name}"`] : undefined
}
