import type { FieldError } from '../../machinery/errors.ts'
import { invalidValue, oneOf, required } from '../common/field-errors.ts'

export interface MirroredSource {
  source: string
  mirrors?: string[]
  mirrorSourcePolicy?: string
}

/** Of sources and mirrors: a host or a path on one, without scheme, tag or digest. */
const locationForm = /^(\*(\.[a-z0-9-]+)+|[A-Za-z0-9.-]+(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*)$/

function locationErrors(field: string, text: string): FieldError[] {
  if (text === '') return [required(field)]
  return locationForm.test(text)
    ? []
    : [invalidValue(field, text, 'must be a registry host, with or without a path')]
}

export function mirrorErrors(entries: readonly MirroredSource[], field: string): FieldError[] {
  return entries.flatMap((entry, index) => {
    const at = `${field}[${index}]`
    return [
      ...locationErrors(`${at}.source`, entry.source),
      ...(entry.mirrors ?? []).flatMap((mirror, i) => locationErrors(`${at}.mirrors[${i}]`, mirror)),
      ...oneOf(`${at}.mirrorSourcePolicy`, entry.mirrorSourcePolicy, [
        'AllowContactingSource',
        'NeverContactSource',
      ]),
    ]
  })
}
