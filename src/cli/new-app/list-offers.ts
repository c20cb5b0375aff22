import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import type { StreamObject } from '../resources/image-types.ts'
import { listStreams, searchedNamespaces } from './find-image.ts'
import { parseStreamTerm, scoreName, visibleTags } from './search-streams.ts'

/** `-S TERM` and `-L` (cli.md §18.2): what could be built on or run. */
export async function listOffers(context: CommandContext, terms: readonly string[]): Promise<string> {
  const found = new Map<string, StreamObject>()
  for (const term of terms) {
    const asked = parseStreamTerm(term)
    if (asked === undefined) continue
    for (const namespace of await searchedNamespaces(context, asked.namespace)) {
      for (const stream of await listStreams(context, namespace)) {
        const name = stream.metadata.name ?? ''
        if (scoreName(asked.name, name) !== undefined) found.set(`${namespace}/${name}`, stream)
      }
    }
  }
  if (found.size === 0) throw new CliError('no matches found')
  const title = `Image streams (${context.program} new-app --image-stream=<image-stream> [--code=<source>])`
  const streams = [...found.values()].sort((a, b) =>
    (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1,
  )
  return `${title}\n-----\n${streams.map(offer).join('')}\n`
}

function offer(stream: StreamObject): string {
  const { metadata, spec } = stream
  const tags = visibleTags(stream).sort()
  const description = metadata.annotations?.description
  return [
    metadata.name,
    `  Project: ${metadata.namespace}`,
    ...(spec?.dockerImageRepository ? [`  Tracks:  ${spec.dockerImageRepository}`] : []),
    `  Tags:    ${tags.length === 0 ? '<none>' : tags.join(', ')}`,
    ...(description ? [`  ${description}`] : []),
    '',
  ].join('\n')
}
