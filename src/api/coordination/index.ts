import type { Kind } from '../../machinery/kind.ts'
import { leases } from './lease.ts'

export type { Lease, LeaseSpec } from './lease.ts'
export { leaseSchema, leases } from './lease.ts'

export const coordinationKinds: readonly Kind[] = [leases]
