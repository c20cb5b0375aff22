/** What every kind of image.openshift.io/v1 shares. */

export const imageGroup = 'image.openshift.io'
export const imageVersion = 'v1'
export const imageApiVersion = `${imageGroup}/${imageVersion}`

/** Group and version of a kind definition. */
export const inImageGroup = { group: imageGroup, version: imageVersion } as const

/** The kind's name in OpenAPI. */
export function imageSchemaName(kind: string): string {
  return `com.github.openshift.api.image.v1.${kind}`
}

/** A resource of the group, as errors name it. */
export function imageResource(resource: string): { group: string; resource: string } {
  return { group: imageGroup, resource }
}
