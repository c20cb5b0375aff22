import type { Subresource } from '../../machinery/kind.ts'

/** `status` of a kind: the kind itself, read and written. */
export function statusOf(kind: string): Subresource {
  return { name: 'status', kind, verbs: ['get', 'patch', 'update'] }
}

/** `scale` as autoscaling/v1 Scale. */
export const scaleSubresource: Subresource = {
  name: 'scale',
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  verbs: ['get', 'patch', 'update'],
}
