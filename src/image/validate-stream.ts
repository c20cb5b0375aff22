import {
  type ImageStream,
  insecureRepositoryAnnotation,
  isAnnotatedTrue,
  streamNameProblems,
} from '../api/image/index.ts'
import { type FieldError, metaUpdateErrors, validateObjectMeta } from '../machinery/index.ts'
import { type ImageReference, parseReference, referenceProblem } from '../oci/index.ts'
import { allEvents } from './resolve-image-id.ts'
import { mergeTags, specTags } from './stream-tags.ts'
import { referenceErrors, validateTagReference } from './validate-tag.ts'
import { type Whitelist, withRepositories } from './whitelist.ts'

const maxPathLength = 255

/** What the checks of all kinds find in an update, before the stream's own (rest.BeforeUpdate). */
export function commonStreamErrors({ metadata }: ImageStream, old: ImageStream): FieldError[] {
  return metaUpdateErrors(metadata, old.metadata, { namespaced: true }).common
}

function metaErrors({ metadata }: ImageStream, old: ImageStream | undefined): FieldError[] {
  if (old !== undefined) {
    const { own, again } = metaUpdateErrors(metadata, old.metadata, { namespaced: true })
    return [...own, ...again]
  }
  return validateObjectMeta(metadata, { namespaced: true, nameRule: streamNameProblems })
}

function pathLengthErrors({ metadata }: ImageStream): FieldError[] {
  const { name = '', namespace = '' } = metadata
  if (`${namespace}/${name}`.length <= maxPathLength) return []
  const detail = `'namespace/name' cannot be longer than ${maxPathLength} characters`
  return [{ type: 'Invalid value', field: 'metadata.name', value: name, detail }]
}

function repositoryErrors(repository: string, whitelist: Whitelist, insecure: boolean): FieldError[] {
  if (repository === '') return []
  const field = 'spec.dockerImageRepository'
  const invalid = (detail: string): FieldError[] => [
    { type: 'Invalid value', field, value: repository, detail },
  ]
  const reference = parseReference(repository)
  if (reference === undefined) return invalid(referenceProblem(repository) ?? '')
  const errors: FieldError[] = []
  if (reference.tag !== '') errors.push(...invalid('the repository name may not contain a tag'))
  if (reference.id !== '') errors.push(...invalid('the repository name may not contain an ID'))
  if (errors.length > 0) return errors
  return referenceErrors(repository, field, whitelist, insecure ? 'any' : 'secure')
}

function referencesInHistory(stream: ImageStream | undefined): ReadonlySet<string> {
  const references = new Set<string>()
  for (const { items } of stream?.status.tags ?? []) {
    for (const { dockerImageReference } of items ?? []) references.add(dockerImageReference)
  }
  return references
}

/** Only of events whose reference is not `known`: what is stored has been looked at when it came. */
function eventErrors(
  stream: ImageStream,
  known: ReadonlySet<string>,
  whitelist: Whitelist,
  insecure: boolean,
  isStatusUpdate = false,
): FieldError[] {
  const errors: FieldError[] = []
  mergeTags(stream, (history, spec) => {
    const isInsecure = insecure || spec?.importPolicy.insecure === true
    for (const [index, event] of (history?.items ?? []).entries()) {
      const { dockerImageReference: reference } = event
      if (known.has(reference)) continue
      const field = `status.tags[${history?.tag}].items[${index}].dockerImageReference`
      // A status update parses it, and says what is wrong with an empty one.
      if (reference === '' && !isStatusUpdate) errors.push({ type: 'Required value', field })
      else errors.push(...referenceErrors(reference, field, whitelist, isInsecure ? 'any' : 'secure'))
    }
  })
  return errors
}

/** Everything outside that a stream refers to. */
function outsideReferences(stream: ImageStream): ImageReference[] {
  const tagged = specTags(stream)
    .filter(({ from }) => from?.kind === 'DockerImage')
    .map(({ from }) => from?.name ?? '')
  const events = allEvents(stream).map((event) => event.dockerImageReference)
  return [stream.spec.dockerImageRepository ?? '', ...tagged, ...events]
    .map(parseReference)
    .filter((reference) => reference !== undefined)
}

/**
 * All of a stream as it is about to be written, on creation and on updates that reach the spec (image-api.md §5.1–5.3).
 * Transport is not told apart where the stream's own annotation allows insecure access.
 */
export function validateStream(
  stream: ImageStream,
  old: ImageStream | undefined,
  whitelist: Whitelist,
): FieldError[] {
  const insecure = isAnnotatedTrue(stream, insecureRepositoryAnnotation)
  const isOpen = old === undefined || whitelist.allowsAll
  const allowed = isOpen ? whitelist : withRepositories(whitelist, outsideReferences(old))
  return [
    ...metaErrors(stream, old),
    ...pathLengthErrors(stream),
    ...repositoryErrors(stream.spec.dockerImageRepository ?? '', allowed, insecure),
    ...specTags(stream).flatMap((tag) =>
      validateTagReference(tag, `spec.tags[${tag.name}]`, allowed, insecure),
    ),
    ...eventErrors(stream, referencesInHistory(old), allowed, insecure),
  ]
}

/** A status update: metadata, and what it refers to newly (image-api.md §5.3). */
export function validateStreamStatus(
  stream: ImageStream,
  old: ImageStream,
  whitelist: Whitelist,
): FieldError[] {
  const insecure = isAnnotatedTrue(stream, insecureRepositoryAnnotation)
  return [
    ...metaUpdateErrors(stream.metadata, old.metadata, { namespaced: true }).own,
    ...eventErrors(stream, referencesInHistory(old), whitelist, insecure, true),
  ]
}
