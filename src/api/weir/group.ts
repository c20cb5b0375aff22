import { structIn } from '../common/struct-in.ts'

/** What the kinds of weir.dev/v1, which OpenShift doesn't have, share (design.md §2.9). */

export const weirGroup = 'weir.dev'

/** Group and version of a kind definition. */
export const inWeirGroup = { group: weirGroup, version: 'v1' } as const

/** The kind's name in OpenAPI. */
export function weirSchemaName(kind: string): string {
  return `dev.weir.v1.${kind}`
}

/** A maker of structs of the group. */
export const weirStruct = structIn('dev.weir.v1')

/** A resource of the group, as errors name it. */
export function weirResource(resource: string): { group: string; resource: string } {
  return { group: weirGroup, resource }
}
