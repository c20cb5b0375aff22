import { importModes, type ObjectReference, type TagReference } from '../api/image/index.ts'
import type { FieldError } from '../machinery/index.ts'
import { parseReference, referenceProblem } from '../oci/index.ts'
import { type Whitelist, type WhitelistTransport, whitelistProblem, withRepositories } from './whitelist.ts'

/** Errors of a reference that must parse and come from an allowed registry. */
export function referenceErrors(
  reference: string,
  field: string,
  whitelist: Whitelist,
  transport: WhitelistTransport,
): FieldError[] {
  const parsed = parseReference(reference)
  if (parsed === undefined) {
    return [{ type: 'Invalid value', field, value: reference, detail: referenceProblem(reference) ?? '' }]
  }
  const detail = whitelistProblem(whitelist, parsed, transport)
  return detail === undefined ? [] : [{ type: 'Forbidden', field, detail }]
}

/** The whitelist of an update: where the stored tag comes from is allowed already (image-api.md §5.3). */
export function withSourceOf(stored: TagReference | null, whitelist: Whitelist): Whitelist {
  const { kind, name = '' } = stored?.from ?? {}
  const reference = kind === 'DockerImage' ? parseReference(name) : undefined
  return reference === undefined ? whitelist : withRepositories(whitelist, [reference])
}

function sourceErrors(
  from: ObjectReference,
  scheduled: boolean,
  path: string,
  check: (name: string, field: string) => FieldError[],
): FieldError[] {
  const { kind, name = '' } = from
  const field = `${path}.from.name`
  const errors: FieldError[] = name === '' ? [{ type: 'Required value', field }] : []
  if (kind === 'DockerImage') return name === '' ? errors : check(name, field)
  if (kind === 'ImageStreamTag' || kind === 'ImageStreamImage') {
    if (!scheduled) return errors
    const detail = 'only tags pointing to Docker repositories may be scheduled for background import'
    return [
      ...errors,
      { type: 'Invalid value', field: `${path}.importPolicy.scheduled`, value: true, detail },
    ]
  }
  const detail = "valid values are 'DockerImage', 'ImageStreamImage', 'ImageStreamTag'"
  return [...errors, { type: 'Required value', field: `${path}.from.kind`, detail }]
}

/** image-api.md §5.2; `path` is e.g. `spec.tags[latest]`. `insecure`: the stream or tag allows insecure transport. */
export function validateTagReference(
  tag: TagReference,
  path: string,
  whitelist: Whitelist,
  insecure: boolean,
): FieldError[] {
  const errors: FieldError[] = []
  const isInsecure = insecure || tag.importPolicy.insecure === true
  if (tag.from !== undefined) {
    const scheduled = tag.importPolicy.scheduled === true
    errors.push(
      ...sourceErrors(tag.from, scheduled, path, (name, field) =>
        referenceErrors(name, field, whitelist, isInsecure ? 'any' : 'secure'),
      ),
    )
  }
  const { type } = tag.referencePolicy
  if (type !== 'Source' && type !== 'Local') {
    const detail = 'valid values are "Source", "Local"'
    errors.push({ type: 'Invalid value', field: `${path}.referencePolicy.type`, value: type, detail })
  }
  const mode = tag.importPolicy.importMode ?? ''
  if (mode !== '' && !importModes.includes(mode)) {
    const detail = "invalid import mode, valid modes are '', 'Legacy', 'PreserveOriginal'"
    errors.push({ type: 'Invalid value', field: `${path}.importPolicy.importMode`, value: mode, detail })
  }
  return errors
}
