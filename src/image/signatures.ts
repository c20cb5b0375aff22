import {
  type Image,
  type ImageSignature,
  imageGroup,
  imageResource,
  splitSignatureName,
} from '../api/image/index.ts'
import { alreadyExists, badRequest, notFound } from '../machinery/index.ts'

/** Signatures as parts of their Image (image-api.md §10.3). */

const signatureResource = { group: imageGroup, resource: 'imageSignatures' }

/** Name of the Image that a signature's name mentions. Throws BadRequest for another form. */
export function readSignatureName(name: string): { image: string; signature: string } {
  const parsed = splitSignatureName(name)
  if (parsed === undefined) {
    throw badRequest('ImageSignatures must be accessed with <imageName>@<signatureName>')
  }
  return parsed
}

/** The error for a signature whose Image does not exist. */
export function imageOfSignatureNotFound(image: string) {
  return notFound(imageResource('images'), image)
}

/** The Image with one more signature. Throws AlreadyExists for a name, or a type and content, that it has already. */
export function addSignature(image: Image, signature: ImageSignature): Image {
  const { kind, apiVersion, ...added } = signature
  const name = added.metadata.name ?? ''
  const isThere = (image.signatures ?? []).some(
    (other) => other.metadata.name === name || (other.type === added.type && other.content === added.content),
  )
  if (isThere) throw alreadyExists(signatureResource, name)
  return { ...image, signatures: [...(image.signatures ?? []), added] }
}

/** The Image without the signature. Throws NotFound for one that it has not. */
export function removeSignature(image: Image, name: string): Image {
  const { signatures = [], ...rest } = image
  const kept = signatures.filter((signature) => signature.metadata.name !== name)
  if (kept.length === signatures.length) throw notFound(signatureResource, name)
  return kept.length === 0 ? rest : { ...rest, signatures: kept }
}
