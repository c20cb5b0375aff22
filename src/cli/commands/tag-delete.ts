import { type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { imageApiVersion, imageStreams, imageStreamTags, typedAccept } from '../resources/image-api.ts'
import type { StreamObject } from '../resources/image-types.ts'
import { type Destination, splitDestination } from './tag.ts'

/** `tag -d` (cli.md §1.3, "Delete"). */
export async function deleteTags(
  context: CommandContext,
  destinations: readonly Destination[],
  namespace: string,
): Promise<void> {
  const rest = await context.session.rest()
  for (const destination of destinations) {
    const { name, tag } = splitDestination(destination.nameAndTag, false)
    const where = destination.namespace || namespace
    const gone = await deleteTag(rest, where, name, tag)
    context.io.stdout.write(
      gone ? `Deleted tag ${where}/${destination.nameAndTag}.\n` : `Image stream "${name}" does not exist.\n`,
    )
  }
}

/** false when there is no such stream, on servers that know no tags. */
async function deleteTag(rest: Rest, namespace: string, name: string, tag: string): Promise<boolean> {
  const body = { kind: 'DeleteOptions', apiVersion: imageApiVersion }
  try {
    const path = resourcePath(imageStreamTags, namespace, `${name}:${tag}`)
    await rest.request({ method: 'DELETE', path, body, accept: typedAccept })
    return true
  } catch (error) {
    if (!isApiError(error) || (error.code !== 403 && error.code !== 405)) throw error
  }
  const path = resourcePath(imageStreams, namespace, name)
  let stream: StreamObject
  try {
    stream = await rest.json<StreamObject>({ method: 'GET', path, accept: typedAccept })
  } catch (error) {
    if (isApiError(error) && error.code === 404) return false
    throw error
  }
  const tags = stream.spec?.tags ?? []
  if (!tags.some((one) => one.name === tag))
    throw new CliError(`destination tag ${namespace}/${name}:${tag} does not exist.`)
  const remaining = { ...stream, spec: { ...stream.spec, tags: tags.filter((one) => one.name !== tag) } }
  await rest.request({ method: 'PUT', path, body: remaining, accept: typedAccept })
  return true
}
