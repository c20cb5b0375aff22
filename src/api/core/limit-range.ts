import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, atomic, goString, list, map, omit, quantity, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { createdAtColumn } from '../common/columns.ts'
import { duplicate, required } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.core.v1')

export const limitRangeItemSchema = struct(
  'LimitRangeItem',
  {
    type: always(
      goString({
        description:
          'What is limited: Pod, Container, openshift.io/Image, openshift.io/ImageStream and so on.',
      }),
    ),
    default: omit(map(quantity(), { description: 'Limits of containers that name none.' })),
    defaultRequest: omit(map(quantity(), { description: 'Requests of containers that name none.' })),
    max: omit(map(quantity(), { description: 'The most of each resource.' })),
    maxLimitRequestRatio: omit(map(quantity())),
    min: omit(map(quantity(), { description: 'The least of each resource.' })),
  },
  { description: 'Limits for one type of object.' },
)
export type LimitRangeItem = Static<typeof limitRangeItemSchema>

export const limitRangeSpecSchema = struct('LimitRangeSpec', {
  limits: always(
    list(limitRangeItemSchema, { ...atomic, description: 'One entry for each type of object.' }),
  ),
})
export type LimitRangeSpec = Static<typeof limitRangeSpecSchema>

export const limitRangeSchema = objectSchema(
  'LimitRange',
  {
    spec: always(limitRangeSpecSchema, { mandatory: false, description: 'The limits.' }),
  },
  { schemaName: 'io.k8s.api.core.v1.LimitRange', description: 'Limits for single objects of a namespace.' },
)
export type LimitRange = Static<typeof limitRangeSchema>

function validate({ spec }: LimitRange): FieldError[] {
  const types = spec.limits.map((limit) => limit.type)
  return types.flatMap((type, index) => {
    const field = `spec.limits[${index}].type`
    if (type === '') return [required(field)]
    return types.indexOf(type) < index ? [duplicate(field, type)] : []
  })
}

export const limitRanges = defineKind<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  namespaced: true,
  storageVersionHash: 'EBKMFVe6cwo=',
  schema: limitRangeSchema,
  schemaName: 'io.k8s.api.core.v1.LimitRange',
  columns: [nameColumn, createdAtColumn()],
  hooks: plainHooks<LimitRange>({ validate }),
})
