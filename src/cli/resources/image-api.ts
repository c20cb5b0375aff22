import type { ApiResource } from '../../client/index.ts'

/** The image types, for commands that need no discovery to find them. */

const group = 'image.openshift.io'

function imageResource(plural: string, kind: string, namespaced: boolean): ApiResource {
  return {
    group,
    version: 'v1',
    plural,
    singular: kind.toLowerCase(),
    shortNames: [],
    kind,
    namespaced,
    verbs: [],
    categories: [],
  }
}

export const imageApiVersion = `${group}/v1`
export const images = imageResource('images', 'Image', false)
export const imageStreams = imageResource('imagestreams', 'ImageStream', true)
export const imageStreamTags = imageResource('imagestreamtags', 'ImageStreamTag', true)
export const imageStreamImages = imageResource('imagestreamimages', 'ImageStreamImage', true)
export const imageStreamImports = imageResource('imagestreamimports', 'ImageStreamImport', true)

/** What OpenShift's typed clients ask for. */
export const typedAccept = 'application/json, */*'
