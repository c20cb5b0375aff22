import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, int32, microTime, pointer, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn } from '../common/columns.ts'
import { invalidValue, nonNegative } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.coordination.v1')

export const leaseSpecSchema = struct('LeaseSpec', {
  acquireTime: pointer(microTime()),
  holderIdentity: pointer(goString()),
  leaseDurationSeconds: pointer(int32()),
  leaseTransitions: pointer(int32()),
  preferredHolder: pointer(goString()),
  renewTime: pointer(microTime()),
  strategy: pointer(goString()),
})
export type LeaseSpec = Static<typeof leaseSpecSchema>

export const leaseSchema = objectSchema(
  'Lease',
  {
    spec: always(leaseSpecSchema, { mandatory: false, description: 'Who, and for how long.' }),
  },
  {
    schemaName: 'io.k8s.api.coordination.v1.Lease',
    description: 'Who holds something for a time, such as the lead of several replicas.',
  },
)
export type Lease = Static<typeof leaseSchema>

function validate({ spec }: Lease): FieldError[] {
  const seconds = spec.leaseDurationSeconds
  return [
    ...(seconds !== undefined && seconds <= 0
      ? [invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
      : []),
    ...nonNegative('spec.leaseTransitions', spec.leaseTransitions),
  ]
}

export const leases = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
  storageVersionHash: 'gqkMMb/YqFM=',
  requiresResourceVersion: true,
  schema: leaseSchema,
  schemaName: 'io.k8s.api.coordination.v1.Lease',
  columns: [
    nameColumn,
    textColumn('Holder', 'Who holds it.', (lease) => lease.spec.holderIdentity ?? ''),
    ageColumn(),
  ],
  hooks: plainHooks<Lease>({ validate }),
})
