import { type ApiResource, type Rest, resourcePath } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { CliError } from '../errors.ts'
import { visible } from '../io.ts'
import { readHolds } from '../resources/history-api.ts'
import { imageApiVersion, typedAccept } from '../resources/image-api.ts'
import type { ImageObject, ObjectRef, StreamObject } from '../resources/image-types.ts'
import type { Session } from '../session.ts'
import { describeGeneric } from './generic.ts'
import { holdText } from './hold-text.ts'
import { describeImage } from './image.ts'
import { describeKube } from './kube.ts'
import { describeProject } from './project.ts'
import { describeStream } from './stream.ts'

/** A describer reads its object again, by name, as OpenShift's do (cli.md §5). */

export interface Described {
  session: Session
  rest: Rest
  resource: ApiResource
  object: KubeObject
  now: Date
  showEvents: boolean
}

interface Wrapped extends KubeObject {
  image?: ImageObject | null
  spec?: { from?: ObjectRef | null } | null
}

function checkTagName(name: string): void {
  const parts = name.split(':')
  if (name.includes('@')) throw new CliError(`"${name}" is an image stream image, not an image stream tag`)
  if (parts.length !== 2) throw new CliError(`expected exactly one : delimiter in the istag "${name}"`)
  if (parts.includes('')) throw new CliError(`image stream tag name "${name}" must have a name and a tag`)
}

async function again<T>({ rest, resource, object }: Described): Promise<T> {
  const path = resourcePath(resource, object.metadata.namespace ?? '', object.metadata.name)
  return rest.json<T>({ method: 'GET', path, accept: typedAccept })
}

/** An image tag may have no image yet: then what it is and where it comes from is told. */
function describeWrapped(wrapped: Wrapped, now: Date): string {
  if (wrapped.image?.metadata === undefined) return describeGeneric(wrapped)
  return describeImage(wrapped.image, wrapped.image.metadata.name ?? '', now)
}

/** Of the stream that the object is, or is a tag of. */
async function holdsOf({ session, object }: Described) {
  const { name = '', namespace = '' } = object.metadata
  const [stream = '', tag] = name.split(':')
  const holds = await readHolds(session, namespace, stream)
  return tag === undefined ? holds : holds.filter((hold) => hold.tag === tag)
}

async function describeTag(described: Described): Promise<string> {
  const { resource, now } = described
  const wrapped = { apiVersion: imageApiVersion, kind: resource.kind, ...(await again<Wrapped>(described)) }
  const text = describeWrapped(wrapped, now)
  const held = (await holdsOf(described)).map((hold) => `Held:\t${holdText(hold, now)}\n`)
  return `${text}${visible(held.join(''))}`
}

/** Text that ends in a newline. */
export async function describeObject(described: Described): Promise<string> {
  const { resource, now } = described
  const type = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
  switch (type) {
    case `imagestreams.image.openshift.io`:
      return describeStream(await again<StreamObject>(described), now, await holdsOf(described))
    case 'images.image.openshift.io':
      return describeImage(await again<ImageObject>(described), '', now)
    case 'imagestreamtags.image.openshift.io':
    case 'imagetags.image.openshift.io':
      checkTagName(described.object.metadata.name ?? '')
      return describeTag(described)
    case 'imagestreamimages.image.openshift.io':
      return describeWrapped(await again<Wrapped>(described), now)
    case 'projects.project.openshift.io':
      return describeProject(described.rest, await again<KubeObject>(described), now)
    default:
      return describeKube(type, { ...described, again: () => again<KubeObject>(described) })
  }
}
